extension FrameBody {
  /// Neighbouring rows of one group that belong to one commit.
  public struct Run {
    public let commit: Int
    /// Whether the commit is another than the run's before.
    public let startsCommit: Bool
    /// Position in ``FrameBody/groups``.
    public let group: Int
    public let rows: Range<Int>
  }

  /// Every row in commit order, in the longest runs; groups in their order within a commit.
  public func runs() -> [Run] {
    var byCommit = [[(group: Int, rows: Range<Int>)]](repeating: [], count: commits.count)
    for (number, group) in groups.enumerated() {
      var start = 0
      while start < group.rows {
        let commit = group.commit(start)
        var end = start + 1
        while end < group.rows, group.commit(end) == commit { end += 1 }
        byCommit[commit].append((number, start..<end))
        start = end
      }
    }
    var runs: [Run] = []
    for (commit, parts) in byCommit.enumerated() {
      for (position, part) in parts.enumerated() {
        runs.append(
          Run(commit: commit, startsCommit: position == 0 && !runs.isEmpty, group: part.group, rows: part.rows))
      }
    }
    return runs
  }
}
