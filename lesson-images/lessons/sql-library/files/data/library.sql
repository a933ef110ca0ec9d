-- A small library. Running this again starts afresh.
DROP TABLE IF EXISTS loan, book, member;

CREATE TABLE member (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE book (
    id    integer PRIMARY KEY,
    title text NOT NULL
);

CREATE TABLE loan (
    id          integer PRIMARY KEY,
    member_id   integer NOT NULL REFERENCES member,
    book_id     integer NOT NULL REFERENCES book,
    lent_on     date NOT NULL,
    returned_on date                -- NULL: the book is still out
);

INSERT INTO member VALUES
    (1, 'Amina'), (2, 'Boris'), (3, 'Chen'), (4, 'Dalia'), (5, 'Emil');

INSERT INTO book VALUES
    (1, 'A Field Guide to Moss'), (2, 'Bridges and How They Stand'), (3, 'Cooking for One'),
    (4, 'Deep Sea Light'), (5, 'Every Knot You Need'), (6, 'Frost on the Line'), (7, 'Gears');

INSERT INTO loan VALUES
    (1, 1, 1, '2024-01-08', '2024-01-29'),
    (2, 1, 4, '2024-01-08', '2024-02-02'),
    (3, 2, 1, '2024-02-05', '2024-02-19'),
    (4, 3, 5, '2024-02-12', NULL),
    (5, 1, 2, '2024-03-04', NULL),
    (6, 5, 1, '2024-03-04', NULL),
    (7, 3, 4, '2024-03-11', '2024-03-18'),
    (8, 5, 6, '2024-02-20', NULL);
