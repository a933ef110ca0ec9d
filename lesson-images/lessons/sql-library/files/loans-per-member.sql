-- How often has each member borrowed?
-- Columns: name, loans. Every member; the most loans first, equals by name.

SELECT name
FROM member;
