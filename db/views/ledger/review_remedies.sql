CREATE OR REPLACE VIEW pms.review_remedies (code, remedy) AS
VALUES
('size_differs', 'discrepancies accept or dismiss {source}, or a report of the venue that agrees'),
(
    'average_differs',
    'discrepancies accept or dismiss {source}, or a report of the venue that agrees'
),
('unexplained_position', 'discrepancies accept or dismiss {source}, or the fills that explain it'),
('row_differs', 'validate, which rebuilds the row, or discrepancies dismiss {source}'),
(
    'checkpoint_differs',
    'validate, which rebuilds the checkpoint, or discrepancies dismiss {source}'
),
('rule_broken', 'bust or correct the wrong fill, or discrepancies dismiss {source}'),
('wrong_side', 'record, bust or correct a fill, so that the leg is back on its side'),
('rejected_message', 'dead-letters retry or drop {source}'),
('rejected_report', 'the next report of the venue, or dead-letters retry or drop {source}'),
('identity_conflict', 'conflicts keep or take {source}'),
('pending_fill', 'the fill that {source} names, or amendments drop {source}'),
(
    'mode_mismatch',
    'move-fills --to {source}, or a report of the venue in the mode of the fills'
),
('suspected_repeat', 'repeats count or drop {source}'),
('inconsistent_total', 'bust or correct {source}, or a consistent total of the order'),
('unread_fee', 'correct the fee of {source}'),
('unread_report', 'the next report of the venue that can be read'),
('assumed_instrument', 'instruments define {source}'),
('off_tick', 'bust or correct {source}, or instruments define with its tick sizes'),
('expired', 'fills or a settlement that close the position, or instruments define {source}'),
(
    'renamed_asset',
    'actions rename from {source} at a later time, bust or correct the fills, or instruments '
    'define {source} where the name is in use again'
),
('unconverted_fee', 'record a price of the currency of the fee, or correct the fee'),
('stale_rates', 'bust {source}, or correct its fee'),
('held_price', 'prices accept or drop, or the next price'),
(
    'unknown_close',
    'discrepancies accept with a price, see the detail, or the fill that closed the position'
);

COMMENT ON VIEW pms.review_remedies IS $$The reasons for review, and what settles each

A reason without a remedy cannot be raised. The commands are those of the command line, without its
name; {source} stands for the source of the reason.$$;
