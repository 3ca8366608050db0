export function begin(scope) {}
