SELECT member.name, book.title, loan.lent_on
FROM loan
JOIN member ON member.id = loan.member_id
JOIN book ON book.id = loan.book_id
WHERE loan.returned_on IS NULL
ORDER BY loan.lent_on, book.title;
