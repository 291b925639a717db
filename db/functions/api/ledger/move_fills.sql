CREATE OR REPLACE FUNCTION api.move_fills(
    move_id text DEFAULT NULL,
    asset text DEFAULT NULL,
    to_mode text DEFAULT NULL,
    position_side text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account text := pms.resolve_account(account);
    command pms.command := pms.begin_command(
        'move_fills',
        jsonb_build_object(
            'move_id', move_id,
            'asset', asset,
            'to_mode', to_mode,
            'position_side', position_side,
            'account', account
        ),
        v_account
    );
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('to_mode', 'mode', to_mode),
            ('account', 'account', account)
        ]::pms.argument[],
        '{asset,to_mode}'
    );
    v_asset text := asked.value ->> 'asset';
    v_leg text := nullif(pms.position_side(pms.unless_blank(position_side)), 'net');
    v_objections jsonb := nullif(
        coalesce(asked.objections, '{}')
        || jsonb_strip_nulls(jsonb_build_object(
            'move_id', pms.check_id(coalesce(move_id, '')),
            'position_side', CASE
                WHEN v_leg NOT IN ('long', 'short') THEN 'must be long, short or absent'
            END
        )),
        '{}'
    );
    v_outcome text;
    v_changed pms.changed_leg[];
BEGIN
    IF command.answer IS NULL AND v_objections IS NULL THEN
        SELECT m.outcome, m.changed
        INTO v_outcome, v_changed
        FROM pms.move_fills(
            v_account, v_asset, asked.value ->> 'to_mode', v_leg, move_id, command.trace_id
        ) m;

        IF v_outcome = 'applied' THEN
            PERFORM pms.review_modes(ARRAY[(v_account, v_asset, NULL, NULL)::pms.leg_key]);
            PERFORM pms.finish_entries(v_changed, 'api');
        END IF;
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(v_objections),
            CASE
                WHEN v_outcome NOT IN ('applied', 'duplicate')
                    THEN pms.error_response(
                            409, 'CONFLICT',
                            CASE v_outcome
                                WHEN 'conflict' THEN 'already recorded with other content'
                                WHEN 'nothing' THEN 'nothing is held in the other mode'
                                ELSE 'the leg would cross zero'
                            END,
                            jsonb_build_object(
                                'move_id', move_id,
                                'account', v_account,
                                'asset', v_asset,
                                'to_mode', asked.value ->> 'to_mode'
                            )
                        )
                ELSE jsonb_build_object('outcome', v_outcome, 'trace_id', command.trace_id)
            END
        )
    );
END
$$;

COMMENT ON FUNCTION api.move_fills IS $$Move what an asset has in one position mode to the other

For fills that came without their mode while the venue reports the other one. Two linked entries for
each leg, at cost and as of its newest entry: nothing is realized, what was realized before stays
where it was. to_mode: hedge or one-way. position_side: the leg of the hedge; to hedge mode, without
it by the side of the position; to one-way mode, without it both. Without account: main. move_id: a
repeated one is a duplicate.

Refuses with:
- 400 VALIDATION_ERROR when an argument is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when there is nothing to move, a leg of the hedge would cross zero, or move_id was
  used before for another move$$;

GRANT EXECUTE ON FUNCTION api.move_fills TO pms_trader, pms_operator;
