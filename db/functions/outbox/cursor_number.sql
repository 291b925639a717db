CREATE OR REPLACE FUNCTION pms.integer_at(bytes bytea, place integer)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN ('x' || encode(substr(bytes, place, 8), 'hex'))::bit(64)::bigint;

COMMENT ON FUNCTION pms.integer_at IS 'The integer in the eight bytes from a place on.';

CREATE OR REPLACE FUNCTION pms.keyed_integer(key bytea, use bytea, message bytea)
RETURNS bigint
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN pms.integer_at(sha256(key || use || message), 1);

COMMENT ON FUNCTION pms.keyed_integer IS
'An integer that nobody can compute without the key, another for each use and message.';

CREATE OR REPLACE FUNCTION pms.seal_cursor(key bytea, epoch bigint, number bigint)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
DECLARE
    v_tag bytea := int8send(
        pms.keyed_integer(key, 'tag', int8send(epoch) || int8send(number))
    );
BEGIN
    RETURN translate(
        encode(
            v_tag
            || int8send(epoch # pms.keyed_integer(key, 'epoch', v_tag))
            || int8send(number # pms.keyed_integer(key, 'number', v_tag)),
            'base64'
        ),
        '+/', '-_'
    );
END
$$;

COMMENT ON FUNCTION pms.seal_cursor IS
$$The cursor of an event: 32 characters that say nothing without the key

Encryption with a synthetic initialization vector, as in RFC 5297, by SHA-256. Neither the order of
two events shows nor how many are between them, and nobody else can make a cursor.$$;

CREATE OR REPLACE FUNCTION pms.epoch_of_event(number bigint)
RETURNS bigint
LANGUAGE sql
STABLE
AS $$
SELECT e.epoch
FROM pms.event_log_epochs e
WHERE e.follows < epoch_of_event.number
ORDER BY e.follows DESC
LIMIT 1
$$;

COMMENT ON FUNCTION pms.epoch_of_event IS
'The epoch in which an event was numbered; that of the newest event for one to come.';

CREATE OR REPLACE FUNCTION pms.cursor_number(cursor text)
RETURNS bigint
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_key bytea := (SELECT k.secret FROM pms.cursor_key k);
    v_sealed bytea := decode(
        translate(substring(cursor FROM '^[A-Za-z0-9_-]{32}$'), '-_', '+/'), 'base64'
    );
    v_tag bytea := substr(v_sealed, 1, 8);
    v_epoch bigint := pms.integer_at(v_sealed, 9) # pms.keyed_integer(v_key, 'epoch', v_tag);
    v_number bigint := pms.integer_at(v_sealed, 17) # pms.keyed_integer(v_key, 'number', v_tag);
BEGIN
    IF v_sealed IS NULL OR pms.integer_at(v_tag, 1) <>
        pms.keyed_integer(v_key, 'tag', int8send(v_epoch) || int8send(v_number))
    THEN
        RETURN NULL;
    END IF;

    IF v_epoch = pms.epoch_of_event(v_number)
        -- A standby may not have the event yet.
        AND (v_number <= (SELECT b.last FROM pms.log_bounds() b) OR pg_is_in_recovery())
    THEN
        RETURN v_number;
    END IF;

    RETURN -1;
END
$$;

COMMENT ON FUNCTION pms.cursor_number IS
$$The number of the event that has a cursor; null if it is none of ours

-1 when the log lost the event: it was numbered after the backup from which this database was
restored, or on a server that failed before its standby had it. Its number may be that of another
event now, so nothing can be read on from it.$$;
