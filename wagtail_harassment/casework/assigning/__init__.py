"""Who has a case: giving it to a person or a team, several at once, or all of somebody who leaves."""
