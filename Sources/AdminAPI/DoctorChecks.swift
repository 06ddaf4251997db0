import AdminProtocol
import Foundation
import Xylem

/// The checks of `doctor`: each says what was found, and what to do unless all is well.
extension NodeBackend {
  func doctor() async throws -> DoctorResponse {
    // Asked on the node's own thread: an answer is the proof that the node takes work.
    let report = try await node.report(scope: scope)
    var checks = [storage(report), space(report), tenure(report), link(report)]
    if !report.identity.parentOrgCode.isEmpty { checks.append(replica(report)) }
    if !report.snapshots.isEmpty { checks.append(snapshots(report)) }
    checks += [below(report), queue(report), scrub(report), memory(report), proof(report)]
    return DoctorResponse(checks: checks)
  }

  private func storage(_ report: NodeReport) -> DoctorResponse.Check {
    if report.isVolatile {
      return .init(
        result: "warn", name: "storage", detailZH: "数据在内存文件系统中，断电即失",
        detailEN: "the data lie in memory and go with the power", tryZH: "把数据目录移到磁盘上",
        tryEN: "move the data directory to a disk")
    }
    if report.sidecarSlotDamaged {
      return .init(
        result: "warn", name: "storage", detailZH: "启动时发现一半的旁路记录损坏，已用另一半",
        detailEN: "half of the sidecar was damaged at the start; the other half told", tryZH: "检查磁盘，并做一次备份",
        tryEN: "check the disk and make a backup")
    }
    return .init(
      result: "ok", name: "storage", detailZH: "节点在工作，已落盘至提交 \(report.durableSequence)",
      detailEN: "the node works and is durable up to commit \(report.durableSequence)")
  }

  private func tenure(_ report: NodeReport) -> DoctorResponse.Check {
    switch report.standing {
    case .fenced(let reason):
      return .init(
        result: "fail", name: "tenure", detailZH: "本节点已被隔离：\(reason)", detailEN: "this node is fenced: \(reason)",
        tryZH: "用 xylemd evidence 列出只在本机的记录，再用 xylemd recover",
        tryEN: "list what lies only here with xylemd evidence, then run xylemd recover")
    case .recovering, .opening:
      return .init(
        result: "warn", name: "tenure", detailZH: "只读：正在从上级取回自己的历史",
        detailEN: "read-only: it pulls its own history back from its parent", tryZH: "等待上级连通",
        tryEN: "wait until the parent is reached")
    case .writing: break
    }
    if let incident = report.incidents.last {
      return .init(
        result: "warn", name: "tenure",
        detailZH: "\(report.incidents.count) 起身份或分叉事件，最近：\(incident.detail)",
        detailEN: "\(report.incidents.count) incidents of identity or forks, the last: \(incident.detail)",
        tryZH: "见 Docs/OPERATING.md", tryEN: "see Docs/OPERATING.md")
    }
    let life = report.identity.incarnation
    return .init(
      result: report.isIsolated && !report.isLinkedToParent ? "warn" : "ok", name: "tenure",
      detailZH: "第 \(life) 世\(report.isIsolated ? "，未与上级核对" : "")",
      detailEN: "incarnation \(life)\(report.isIsolated ? ", begun without the parent" : "")",
      tryZH: report.isIsolated ? "连通上级后核对" : nil, tryEN: report.isIsolated ? "reconcile it with the parent" : nil)
  }

  private func proof(_ report: NodeReport) -> DoctorResponse.Check {
    guard let last = report.lastProof else {
      return .init(
        result: "warn", name: "backup", detailZH: "从未验证过备份能否恢复", detailEN: "no backup was ever proved by a restore",
        tryZH: "xylemctl backup create，再 xylemd backup verify",
        tryEN: "xylemctl backup create, then xylemd backup verify")
    }
    let days = Int(max(0, Date().timeIntervalSince(last)) / 86_400)
    return .init(
      result: days > 90 ? "warn" : "ok", name: "backup", detailZH: "\(days) 天前验证过备份",
      detailEN: "a backup was proved \(days) days ago", tryZH: days > 90 ? "xylemd backup verify" : nil,
      tryEN: days > 90 ? "xylemd backup verify" : nil)
  }

  private func space(_ report: NodeReport) -> DoctorResponse.Check {
    guard let free = report.freeBytes else {
      return .init(
        result: "warn", name: "space", detailZH: "系统没有给出剩余空间", detailEN: "the system does not say how much is free",
        tryZH: "检查数据目录的权限", tryEN: "check the rights on the data directory")
    }
    let (mebibytes, reserve) = (free >> 20, report.freeBytesMin >> 20)
    if free < report.freeBytesMin * 4 {
      return .init(
        result: free < report.freeBytesMin ? "fail" : "warn", name: "space",
        detailZH: "剩余 \(mebibytes) MiB，低于 \(reserve) MiB 即停止写入",
        detailEN: "\(mebibytes) MiB are free; below \(reserve) MiB writing stops", tryZH: "清理磁盘或换更大的盘",
        tryEN: "free space, or take a larger disk")
    }
    return .init(result: "ok", name: "space", detailZH: "剩余 \(mebibytes) MiB", detailEN: "\(mebibytes) MiB are free")
  }

  private func link(_ report: NodeReport) -> DoctorResponse.Check {
    if report.identity.parentOrgCode.isEmpty {
      return .init(result: "ok", name: "link", detailZH: "本节点是网络的顶层", detailEN: "this node is the top of its network")
    }
    if report.isLinkedToParent {
      return .init(
        result: "ok", name: "link", detailZH: "已连上级，待发 \(report.backlog) 帧",
        detailEN: "linked to the parent, \(report.backlog) frames wait")
    }
    let reason = report.parentRefusal ?? ""
    return .init(
      result: "warn", name: "link", detailZH: "未连上级 \(reason)", detailEN: "not linked to the parent \(reason)",
      tryZH: "检查 link.parent 与上级节点是否在运行", tryEN: "check link.parent and whether the parent runs")
  }

  private func replica(_ report: NodeReport) -> DoctorResponse.Check {
    guard report.parentSequence < report.durableSequence else {
      return .init(
        result: "ok", name: "replica", detailZH: "上级已有全部提交", detailEN: "the parent has every commit")
    }
    let missing = report.durableSequence - report.parentSequence
    return .init(
      result: "warn", name: "replica", detailZH: "上级还缺 \(missing) 次提交", detailEN: "the parent lacks \(missing) commits",
      tryZH: "等待，或运行 xylemctl status 查看连接", tryEN: "wait, or look at the link with xylemctl status")
  }

  private func below(_ report: NodeReport) -> DoctorResponse.Check {
    let bad = report.domains.domains.filter { [.stalled, .broken, .diverged, .slow].contains($0.state) }
    let others = report.domains.domains.count - 1
    guard let first = bad.first else {
      return .init(
        result: "ok", name: "below", detailZH: "下级 \(max(0, others)) 个节点正常",
        detailEN: "\(max(0, others)) nodes below are well")
    }
    let isDiverged = bad.contains { $0.state == .diverged }
    return .init(
      result: isDiverged ? "fail" : "warn", name: "below",
      detailZH: "\(bad.count) 个下级有问题，例如 \(first.rootOrgCode) \(first.state.rawValue)",
      detailEN: "\(bad.count) nodes below are not well, \(first.rootOrgCode) \(first.state.rawValue) for one",
      tryZH: isDiverged ? "运行 xylemctl verify --repair --dry-run" : "运行 xylemctl tree",
      tryEN: isDiverged ? "xylemctl verify --repair --dry-run" : "xylemctl tree")
  }

  /// A domain that goes as a whole is no fault, and the reason why its parent lacks everything meanwhile.
  private func snapshots(_ report: NodeReport) -> DoctorResponse.Check {
    let shown = report.snapshots.prefix(3).map { transfer in
      let percent = transfer.chunks.all == 0 ? 0 : transfer.chunks.done * 100 / transfer.chunks.all
      return "\(transfer.rootOrgCode) \(transfer.stage.rawValue) \(percent) %"
    }
    let list = shown.joined(separator: ", ")
    return .init(
      result: "warn", name: "snapshot", detailZH: "\(report.snapshots.count) 个快照传送中：\(list)",
      detailEN: "\(report.snapshots.count) snapshots on their way: \(list)", tryZH: "等待；用 xylemctl status 查看进度",
      tryEN: "wait; xylemctl status shows how far")
  }

  private func queue(_ report: NodeReport) -> DoctorResponse.Check {
    let (open, above) = (report.setAside.open, report.setAside.above)
    guard open > 0 || above > 0 else {
      return .init(result: "ok", name: "queue", detailZH: "没有被隔离的记录", detailEN: "no record is set aside")
    }
    return .init(
      result: "warn", name: "queue", detailZH: "本节点隔离 \(open) 条，上级隔离本节点的 \(above) 条",
      detailEN: "\(open) records are set aside here, \(above) of ours above", tryZH: "运行 xylemctl queue",
      tryEN: "xylemctl queue")
  }

  private func scrub(_ report: NodeReport) -> DoctorResponse.Check {
    let scrub = report.scrub
    if scrub.damaged > 0 {
      return .init(
        result: "fail", name: "scrub", detailZH: "存储损坏 \(scrub.damaged) 处：\(scrub.places.first ?? "-")",
        detailEN: "\(scrub.damaged) places in the store are damaged: \(scrub.places.first ?? "-")",
        tryZH: "检查磁盘；运行 xylemctl queue 查看并修复", tryEN: "check the disk; xylemctl queue lists and mends")
    }
    if scrub.stage == "off" {
      return .init(
        result: "warn", name: "scrub", detailZH: "通读已关闭", detailEN: "the scrub is switched off",
        tryZH: "打开它", tryEN: "switch it on")
    }
    return .init(
      result: "ok", name: "scrub", detailZH: "已通读 \(scrub.passes) 遍，没有损坏",
      detailEN: "\(scrub.passes) passes over the store, nothing damaged")
  }

  private func memory(_ report: NodeReport) -> DoctorResponse.Check {
    let mebibytes = report.residentBytes >> 20
    let isLarge = mebibytes > 1024
    return .init(
      result: isLarge ? "warn" : "ok", name: "memory", detailZH: "常驻内存 \(mebibytes) MiB",
      detailEN: "\(mebibytes) MiB resident", tryZH: isLarge ? "减小 storage.cache 与 storage.write_buffer" : nil,
      tryEN: isLarge ? "lower storage.cache and storage.write_buffer" : nil)
  }
}
