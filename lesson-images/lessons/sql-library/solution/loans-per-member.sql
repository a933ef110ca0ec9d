SELECT member.name, count(loan.id) AS loans
FROM member
LEFT JOIN loan ON loan.member_id = member.id
GROUP BY member.id, member.name
ORDER BY loans DESC, member.name;
