CREATE OR REPLACE FUNCTION api.alias_instrument(alias text, asset text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- Every message reads the aliases: what waits for this lock must not wait long.
SET lock_timeout = '2s'
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'alias_instrument', jsonb_build_object('alias', alias, 'asset', asset)
    );
    asked pms.arguments;
    v_alias text := pms.asset_name(alias);
    v_asset text;
    v_refusal jsonb;
BEGIN
    PERFORM pms.require_unscoped_key();

    IF command.answer IS NULL THEN
        -- Messages under way have read the alias as an asset: waits for them.
        LOCK TABLE pms.instrument_aliases IN ACCESS EXCLUSIVE MODE;
        asked := pms.parse_arguments(
            ARRAY[('asset', 'asset', alias_instrument.asset)]::pms.argument[], '{asset}'
        );
        v_asset := asked.value ->> 'asset';

        v_refusal := coalesce(
            pms.validation_error(asked.objections),
            CASE
                WHEN pms.check_asset(v_alias) IS NOT NULL
                    THEN pms.validation_error(
                            jsonb_build_object('alias', 'must be ' || pms.argument_range('asset'))
                        )
                WHEN v_alias = v_asset
                    THEN pms.validation_error(
                            '{"alias": "must be another name than that of the asset"}'
                        )
                WHEN EXISTS (SELECT 1 FROM pms.instrument_aliases a WHERE a.asset = v_alias)
                    THEN pms.error_response(
                            409, 'CONFLICT', 'the alias has aliases itself',
                            jsonb_build_object('alias', v_alias, 'remedy', 'remove them first')
                        )
                WHEN EXISTS (
                        SELECT 1
                        FROM pms.legs l
                        WHERE l.asset = v_alias
                            AND (
                                EXISTS (SELECT 1 FROM pms.entries e WHERE e.leg_id = l.leg_id)
                                OR pms.has_archived_entries(
                                    l.account, l.asset, l.mode, l.leg, pms.ledger_begins_at()
                                )
                            )
                    )
                    THEN pms.error_response(
                            409, 'CONFLICT', 'the alias has entries of its own',
                            jsonb_build_object(
                                'alias', v_alias,
                                'remedy', 'move its position by a rename, and send its fills under '
                                'the name of the asset'
                            )
                        )
                WHEN EXISTS (SELECT 1 FROM pms.standing_actions a WHERE a.asset = v_alias)
                    THEN pms.error_response(
                            409, 'CONFLICT', 'the alias has corporate actions of its own',
                            jsonb_build_object(
                                'alias', v_alias,
                                'remedy', 'bust them, and send them under the name of the asset'
                            )
                        )
            END
        );

        IF v_refusal IS NULL THEN
            INSERT INTO pms.instruments (asset) VALUES (v_asset)
            ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

            -- They are of the asset, which the next ones name.
            DELETE FROM pms.prices m WHERE m.asset = v_alias;
            DELETE FROM pms.venue_positions v WHERE v.asset = v_alias;

            INSERT INTO pms.instrument_aliases AS a (alias, asset) VALUES (v_alias, v_asset)
            ON CONFLICT ON CONSTRAINT instrument_aliases_pkey DO UPDATE
            SET asset = excluded.asset
            WHERE a.asset <> excluded.asset;
        END IF;
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            v_refusal,
            jsonb_build_object(
                'outcome', 'aliased',
                'alias', v_alias,
                'asset', v_asset,
                'trace_id', command.trace_id
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.alias_instrument IS $$Let a name stand for an instrument

Every message, import and argument with the alias is one of the asset from then on: order events,
prices, reports of the venue, funding, amendments. asset may be an alias itself: the new one stands
for what it stands for. An alias that exists stands for the new asset. Answers {outcome, alias,
asset, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a name is out of its range, or both are the same
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when the alias has entries, corporate actions or aliases of its own: a fill that was
  recorded under it and is sent again would count twice$$;

GRANT EXECUTE ON FUNCTION api.alias_instrument TO pms_operator, pms_http_operator;

CREATE OR REPLACE FUNCTION api.remove_alias(alias text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command('remove_alias', jsonb_build_object('alias', alias));
    v_alias text := pms.asset_name(alias);
    v_objections jsonb := nullif(
        jsonb_strip_nulls(jsonb_build_object('alias', pms.check_asset(v_alias))), '{}'
    );
    v_removed pms.instrument_aliases;
BEGIN
    PERFORM pms.require_unscoped_key();

    IF command.answer IS NULL AND v_objections IS NULL THEN
        DELETE FROM pms.instrument_aliases a
        WHERE a.alias = v_alias
        RETURNING a.* INTO v_removed;
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(v_objections),
            CASE
                WHEN v_removed.alias IS NULL
                    THEN pms.error_response(
                            404, 'NOT_FOUND', 'no such alias',
                            jsonb_build_object('alias', v_alias)
                        )
            END,
            jsonb_build_object(
                'outcome', 'removed',
                'alias', v_removed.alias,
                'asset', v_removed.asset,
                'trace_id', command.trace_id
            )
        )
    );
END
$$;

COMMENT ON FUNCTION api.remove_alias IS $$Let a name stand for itself again

Entries that were recorded through it stay with its asset. A fill that came under the alias and is sent again
is one of another instrument now. Answers {outcome, alias, asset, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when the alias is out of its range
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such alias$$;

GRANT EXECUTE ON FUNCTION api.remove_alias TO pms_operator, pms_http_operator;
