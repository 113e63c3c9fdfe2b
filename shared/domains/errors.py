"""What may be wrong with a domain of a school's own."""

from shared.errors import Problem


class DomainNotFound(Problem):
    status, code, title = 404, "domain_not_found", "The school has not said which domain is its own"


class DomainNotAllowed(Problem):
    status, code, title = 422, "domain_not_allowed", "This domain cannot be a school's own"


class DomainInUse(Problem):
    status, code, title = 409, "domain_in_use", "The school has another domain; release that first"


class DomainTaken(Problem):
    """Proven by another school, or released by one not long ago; which one is not told."""

    status, code, title = 409, "domain_taken", "The domain is another school's"


class DomainNotProven(Problem):
    """`record` is what DNS has to say."""

    status, code, title = 409, "domain_not_proven", "DNS does not have the record that proves the domain"
