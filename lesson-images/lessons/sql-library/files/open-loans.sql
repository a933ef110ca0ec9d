-- Which books are out, and since when?
-- Columns: name, title, lent_on. The oldest loan first, loans of one day by title.

SELECT member.name, loan.lent_on
FROM loan
JOIN member ON member.id = loan.member_id;
