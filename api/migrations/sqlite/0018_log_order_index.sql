-- Nothing to do: the log's order is that of its rows (0013).
SELECT 1;
