COMMENT ON TABLE pms.capital IS $$What an account was given to trade with, in USDT, from when on

The whole of it, not what came on top. No row is 0.$$;

COMMENT ON TABLE pms.portfolio_history IS $$The totals of each account, minute by minute, in USDT

As they were known then: what came late is in the minutes after it. The account * is all accounts
together. realized is gross, before fees and funding, so that net_pnl is the sum of the parts:
realized + unrealized_pnl - fees_paid + funding.$$;
COMMENT ON COLUMN pms.portfolio_history.recorded_at IS 'The minute; the totals are of within it.';
COMMENT ON COLUMN pms.portfolio_history.complete IS
'False when a position was left out, for want of a price or of a rate.';

COMMENT ON TABLE pms.equity_marks IS $$What the history of an account says of drawdown and of today

Kept with every minute, so that nobody searches the history for it. The account * is all accounts
together. An account begins with a net PnL of 0.$$;
COMMENT ON COLUMN pms.equity_marks.began_at IS 'The first minute that was ever kept.';
COMMENT ON COLUMN pms.equity_marks.recorded_at IS 'The last minute that was kept.';
COMMENT ON COLUMN pms.equity_marks.peak_net_pnl IS
'The highest net PnL: of equity without what capital was added or taken out.';
COMMENT ON COLUMN pms.equity_marks.day_net_pnl IS
'Net PnL of the last minute before the day (UTC) of recorded_at.';

COMMENT ON TABLE pms.limits IS $$How much may be at stake, and from where on a person is told

account *: of all accounts together; asset *: of all assets. A level is passed by what is above it:
at the level it holds.$$;
COMMENT ON COLUMN pms.limits.source IS
'settings: it is PORTFOLIO_MAX_EXPOSURE_USDT of the environment, and goes when that goes.';

COMMENT ON TABLE pms.limit_breaches IS $$When a limit was breached, until when and how far

Ends by itself when the value is at or below the level again, or the limit is gone.$$;
COMMENT ON COLUMN pms.limit_breaches.breach_level IS 'What it was when the breach began.';
COMMENT ON COLUMN pms.limit_breaches.ended_at IS 'Null: it lasts.';
