-- Which books have never been lent?
-- Column: title. In alphabetical order.

SELECT title
FROM book;
