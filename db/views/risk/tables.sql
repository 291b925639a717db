COMMENT ON TABLE pms.capital IS $$Capital of an account in USDT, by effective time

Each row holds the whole capital, not a change of it. No row: 0.$$;

COMMENT ON TABLE pms.portfolio_history IS $$Totals of each account over time, in USDT

A row for each minute in which the totals of the account changed, and after a week for the last such
minute of each quarter hour: the totals at a moment are those of the newest row at or before it. As
known at that minute: a late fill shows in later minutes. The account * stands for all accounts
together, one of pms.book_account for a book. realized is gross, before fees and funding, so that
net_pnl is the sum of the parts: realized + unrealized_pnl - fees_paid + funding.$$;
COMMENT ON COLUMN pms.portfolio_history.recorded_at IS 'The minute in which the totals were taken.';
COMMENT ON COLUMN pms.portfolio_history.complete IS
'False when a position without a price or rate was left out.';

COMMENT ON COLUMN pms.portfolio_history.peak_net_pnl IS
'Highest net PnL up to this minute, at least 0; rows deleted since count as well.';

COMMENT ON TABLE pms.portfolio_history_extent IS
$$How far the portfolio history has been recorded and thinned, one row

Nothing is recorded before recorded_at: after a clock that ran ahead, set it back to the newest row
that is right, and delete those after it.$$;
COMMENT ON COLUMN pms.portfolio_history_extent.recorded_at IS
'The last minute recorded, also if no account has a row for it.';
COMMENT ON COLUMN pms.portfolio_history_extent.thinned_before IS
'Rows before it are the last of their quarter hour.';

COMMENT ON TABLE pms.equity_marks IS $$High-water marks of an account, for drawdown and daily loss

Maintained with the history, so that no read scans the history. The account * stands for all
accounts together. An account begins with a net PnL of 0.$$;
COMMENT ON COLUMN pms.equity_marks.began_at IS 'The minute of its first row in the history.';
COMMENT ON COLUMN pms.equity_marks.recorded_at IS 'The last minute in which its totals changed.';
COMMENT ON COLUMN pms.equity_marks.peak_net_pnl IS
'Highest net PnL: equity without changes of capital.';
COMMENT ON COLUMN pms.equity_marks.day_net_pnl IS
'Net PnL before the day of recorded_at, in the time zone of the settings.';

COMMENT ON TABLE pms.portfolio_readings IS $$What each reader of the portfolio has seen

So that it reads the totals only if something has changed since, see pms.read_portfolio.$$;
COMMENT ON COLUMN pms.portfolio_readings.read_at IS 'The moment of the totals.';
COMMENT ON COLUMN pms.portfolio_readings.seen_before IS
'All transactions before this one had ended.';
COMMENT ON COLUMN pms.portfolio_readings.row_count IS
'Number of rows on which totals and limits depend.';

COMMENT ON TABLE pms.limits IS $$Risk limits with their warning and breach levels

account *: all accounts together, one of pms.book_account: a book; asset *: all assets. A value
strictly above a level passes it.$$;
COMMENT ON COLUMN pms.limits.source IS
'settings: from PORTFOLIO_MAX_EXPOSURE_USDT, and removed with it.';

COMMENT ON TABLE pms.limit_breaches IS $$Breaches of limits, with their duration and extent

A breach ends when the value is at or below the level again, or the limit is removed.$$;
COMMENT ON COLUMN pms.limit_breaches.breach_level IS 'The breach level when the breach began.';
COMMENT ON COLUMN pms.limit_breaches.ended_at IS 'Null: ongoing.';

COMMENT ON TABLE pms.recorded_limits IS $$The use of each limit, as last recorded

Recorded with the history, so that metrics do not judge limits. Rows that have not changed keep
their time.$$;
COMMENT ON COLUMN pms.recorded_limits.utilisation IS 'Ratio: value / breach level.';

-- For the views of api that run with the rights of their readers (ADR 0013).
GRANT SELECT ON pms.portfolio_history TO pms_reader, pms_trader, pms_operator, pms_analyst;
GRANT SELECT ON pms.limit_breaches TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMENT ON TABLE pms.leg_pnl IS $$What the entries of a leg changed, by quarter hour of event time

In the settlement currency; quarter hours serve every time zone. Behind the ledger by what a run of
the job sum_pnl has not reached: pms.pnl_flows adds it.$$;

COMMENT ON TABLE pms.asset_pnl IS
'The sum of pms.leg_pnl over the legs of an asset, without those of books.';

COMMENT ON TABLE pms.leg_pnl_marks IS 'Up to which entry the entries of a leg are in pms.leg_pnl.';
COMMENT ON COLUMN pms.leg_pnl_marks.entered_at IS
'Restatements of the leg up to then are in pms.leg_pnl.';
COMMENT ON COLUMN pms.leg_pnl_marks.executed_at IS
'With entry_id: the place of the last entry.';
COMMENT ON COLUMN pms.leg_pnl_marks.ordinal IS 'Number of entries up to there.';
COMMENT ON COLUMN pms.leg_pnl_marks.state IS 'The leg after that entry.';
