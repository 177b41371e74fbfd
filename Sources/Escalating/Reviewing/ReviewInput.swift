import Messages

/// What people do with reviews.
public enum ReviewInput: Sendable {
  case attend(AttendanceRequest)
  case find(FindingRequest)
  case act(ReviewActionRequest)
  case tick(ReviewTick)
  case reassign(ReviewReassignment)
  case close(ReviewClosing)
}
