"""Files that people ask for, written row by row by a job, so that a page can show how far it is."""
