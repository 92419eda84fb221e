-- `beside`: the customer's other sessions at the same time, with blanks between.
ALTER TABLE sessions ADD COLUMN beside TEXT NOT NULL DEFAULT '';
