"""What may be wrong with an invitation."""

from shared.errors import Problem


class InvitationNotFound(Problem):
    """Also for a token that is somebody else's."""

    status, code, title = 404, "invitation_not_found", "There is no such invitation"


class InvitationExpired(Problem):
    status, code, title = 409, "invitation_expired", "The invitation has expired; ask for another"


class InvitationAccepted(Problem):
    status, code, title = 409, "invitation_accepted", "Whoever was invited has accepted"
