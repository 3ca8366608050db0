-- The local Alipay's own books. Applied at every start; every statement can be repeated.

CREATE TABLE IF NOT EXISTS accounts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     text NOT NULL UNIQUE,
    logon_id    text NOT NULL UNIQUE,
    name        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('BANK', 'PLATFORM', 'PERSON')),
    status      text NOT NULL DEFAULT 'OPEN' CHECK (status IN ('OPEN', 'CLOSED')),
    is_payer    boolean NOT NULL DEFAULT false,
    balance_fen bigint NOT NULL DEFAULT 0,
    frozen_fen  bigint NOT NULL DEFAULT 0 CHECK (frozen_fen >= 0),
    opened_at   timestamptz NOT NULL,
    -- The bank stands for the outside world; only it may owe.
    CHECK (kind = 'BANK' OR balance_fen >= 0)
);
CREATE SEQUENCE IF NOT EXISTS user_numbers START 100000000001;
CREATE SEQUENCE IF NOT EXISTS serial_numbers START 1;

CREATE TABLE IF NOT EXISTS movements (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code             text NOT NULL,
    ref              text NOT NULL,
    amount_fen       bigint NOT NULL CHECK (amount_fen > 0),
    debit_account    bigint NOT NULL REFERENCES accounts,
    debit_pocket     text NOT NULL CHECK (debit_pocket IN ('balance', 'frozen')),
    credit_account   bigint NOT NULL REFERENCES accounts,
    credit_pocket    text NOT NULL CHECK (credit_pocket IN ('balance', 'frozen')),
    moved_at         timestamptz NOT NULL
);
CREATE OR REPLACE FUNCTION movements_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'movements are append-only'; END $$;
CREATE OR REPLACE TRIGGER movements_stay BEFORE UPDATE OR DELETE ON movements
    FOR EACH ROW EXECUTE FUNCTION movements_stay();

CREATE TABLE IF NOT EXISTS freezes (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    auth_no        text NOT NULL UNIQUE,
    out_order_no   text NOT NULL UNIQUE,
    out_request_no text NOT NULL UNIQUE,
    code           text NOT NULL UNIQUE,
    digest         text NOT NULL,
    title          text NOT NULL,
    product_code   text NOT NULL,
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0),
    fund_fen       bigint NOT NULL DEFAULT 0,
    credit_fen     bigint NOT NULL DEFAULT 0,
    rest_fen       bigint NOT NULL DEFAULT 0 CHECK (rest_fen >= 0),
    paid_fen       bigint NOT NULL DEFAULT 0,
    unfrozen_fen   bigint NOT NULL DEFAULT 0,
    status         text NOT NULL CHECK (status IN ('INIT', 'AUTHORIZED', 'FINISH', 'CLOSED')),
    pre_auth_type  text,
    payer          bigint REFERENCES accounts,
    notify_url     text,
    return_url     text,
    created_at     timestamptz NOT NULL,
    pay_by         timestamptz NOT NULL,
    CHECK (status = 'INIT' OR rest_fen + paid_fen + unfrozen_fen IN (0, amount_fen))
);

CREATE TABLE IF NOT EXISTS freeze_operations (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    freeze_id      bigint NOT NULL REFERENCES freezes,
    operation_id   text NOT NULL UNIQUE,
    out_request_no text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('FREEZE', 'UNFREEZE', 'PAY', 'CANCEL')),
    amount_fen     bigint NOT NULL,
    status         text NOT NULL CHECK (status IN ('INIT', 'SUCCESS', 'CLOSED')),
    remark         text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL,
    done_at        timestamptz,
    UNIQUE (freeze_id, kind, out_request_no)
);

CREATE TABLE IF NOT EXISTS trades (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trade_no     text NOT NULL UNIQUE,
    out_trade_no text NOT NULL UNIQUE,
    freeze_id    bigint NOT NULL REFERENCES freezes,
    digest       text NOT NULL,
    subject      text NOT NULL,
    total_fen    bigint NOT NULL CHECK (total_fen > 0),
    refunded_fen bigint NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND total_fen),
    status       text NOT NULL CHECK (status IN ('TRADE_SUCCESS', 'TRADE_CLOSED')),
    buyer        bigint NOT NULL REFERENCES accounts,
    seller       bigint NOT NULL REFERENCES accounts,
    notify_url   text,
    paid_at      timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS refunds (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trade_id       bigint NOT NULL REFERENCES trades,
    out_request_no text NOT NULL,
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0),
    reason         text NOT NULL DEFAULT '',
    refunded_at    timestamptz NOT NULL,
    UNIQUE (trade_id, out_request_no)
);

CREATE TABLE IF NOT EXISTS transfers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id     text NOT NULL UNIQUE,
    fund_no      text NOT NULL UNIQUE,
    out_biz_no   text NOT NULL,
    product_code text NOT NULL,
    biz_scene    text NOT NULL,
    digest       text NOT NULL,
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    payee        bigint NOT NULL REFERENCES accounts,
    title        text NOT NULL,
    remark       text NOT NULL DEFAULT '',
    status       text NOT NULL CHECK (status IN ('SUCCESS', 'REFUND')),
    sent_at      timestamptz NOT NULL,
    UNIQUE (out_biz_no, product_code, biz_scene)
);

CREATE TABLE IF NOT EXISTS notices (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notify_id    text NOT NULL,
    url          text NOT NULL,
    fields       jsonb NOT NULL,
    tries        integer NOT NULL DEFAULT 0,
    due_at       timestamptz,
    delivered_at timestamptz,
    created_at   timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
