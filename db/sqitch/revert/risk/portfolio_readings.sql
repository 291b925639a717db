DROP TABLE pms.portfolio_readings;
