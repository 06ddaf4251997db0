extension BundledCatalog {
  /// Entities `reward_penalty`.
  static let discipline = #"""
    entity reward_penalty 5 奖惩 | Reward or penalty
      owner org_id
      key rp_no
      index 1 org org_id
      index 2 member subject_member
      relation org reference org_id
      relation member reference subject_member
      item subject_kind code:SUBJECT required B 对象类别 | Subject kind
      item rp_code code:RP_CODE required B 奖惩名称代码 | Reward or penalty
      item rp_title text required B 奖惩名称 | Title
        refuse len(rp_title) in {2..100} | 奖惩名称应为2至100个字 | Title: 2 to 100 characters
      item rp_level code:RP_LEVEL required B 批准层级 | Level
      item rp_approver text required B 批准机关 | Approving body
        refuse len(rp_approver) in {2..100} | 批准机关应为2至100个字 | Approving body: 2 to 100 characters
      item rp_date date required B 批准日期 | Approval date
        refuse rp_date <= today | 批准日期不能晚于今天 | Approval date is in the future
      item violation code:VIOLATION conditional D 违纪行为类别 | Violation kind
        when starts_with(rp_code, '2')
      item effect_until date optional B 影响期满日期 | End of effect period
        derived if(rp_code = '21', rp_date + 1y, if(rp_code = '22', rp_date + 18m,
          if(rp_code in {'23', '24'}, rp_date + 2y, if(rp_code = '25', rp_date + 5y, null))))
        later register | Probation within the party of one year instead of two ends earlier, by the decision.
      item revoked_date date optional B 撤销奖惩日期 | Date revoked
        refuse revoked_date > rp_date | 撤销日期应晚于批准日期 | Revoked before it was given
      system org_id ref:org required B 所属党组织 | Organisation of the subject
        later references | The record exists somewhere in the network.
      system subject_member ref:member conditional B 奖惩对象 | Member rewarded or punished
        when subject_kind = '1'
        later references | The record exists somewhere in the network.
      system rp_no int required B 奖惩序号 | Number of the reward or penalty
    """#
}
