extension BundledCatalog {
  /// Entities `dues`, `appraisal`.
  static let memberDues = #"""
    entity dues 13 党费 | Dues
      parent member
      key period
      item period int required B 党费所属年月 | Dues month
        refuse valid_month(period) | 所属年月应为yyyymm | The month is written yyyymm
        refuse period >= yyyymm(member.join_date) | 所属年月不能早于入党月份 | The month lies before the month of joining
        later uniqueness | One record a member and month; holds by the natural key.
      item base_kind code:DUES_BASE required B 交纳标准类别 | Basis kind
      item base_amount decimal:2 conditional C 计算基数 | Basis amount in yuan
        when base_kind in {'1', '2', '3', '4'}
        refuse base_amount in {0..1000000} | 计算基数应在0至1000000元之间 | The basis lies outside 0 to 1,000,000 yuan
      item rate_permille decimal:3 conditional B 交纳比例(‰) | Rate in per mille
        when base_kind in {'1', '2', '3', '4'}
        refuse rate_permille in {0..1000} | 交纳比例应在0至1000‰之间 | The rate lies outside 0 to 1,000 per mille
        refuse period >= 200804 and base_kind in {'1', '2', '3'} implies rate_permille = if(base_amount <= 3000, 5,
          if(base_amount <= 5000, 10, if(base_amount <= 10000, 15, 20))) | 交纳比例与2008年标准(5、10、15、20‰)不符
          | The rate is not that of the scale of 2008
        refuse period >= 200804 and base_kind = '4' implies rate_permille = if(base_amount <= 5000, 5, 10)
          | 离退休党员交纳比例与2008年标准(5、10‰)不符 | The rate of retired members is not that of the scale of 2008
        refuse period in {199801..200803} and base_kind = '1' implies rate_permille = if(base_amount <= 400, 5,
          if(base_amount <= 600, 10, if(base_amount <= 800, 15, if(base_amount <= 1500, 20, 30))))
          | 交纳比例与1998年标准(5、10、15、20、30‰)不符 | The rate is not that of the scale of 1998
      item due_amount decimal:2 required C 应交金额 | Amount due
        refuse due_amount >= 0 | 应交金额不能为负数 | The amount is negative
        refuse relief_kind = '0' and base_kind in {'1', '2', '3', '4'}
          implies due_amount = round(base_amount * rate_permille * 0.001, 2) | 应交金额应等于计算基数乘以交纳比例
          | The amount due is not the basis times the rate
        refuse relief_kind = '0' and period >= 200804 and base_kind = '5' implies due_amount in {0.2..1}
          | 农民党员每月交纳0.2至1元 | Farmers pay 0.2 to 1 yuan
        refuse relief_kind = '0' and period >= 200804 and base_kind = '6' implies due_amount = 0.2
          | 定额党员每月交纳0.2元 | The fixed amount is 0.2 yuan
      item paid_amount decimal:2 required C 实交金额 | Amount paid
        refuse paid_amount >= 0 | 实交金额不能为负数 | The amount is negative
      item paid_date date conditional B 交纳日期 | Date paid
        when paid_amount > 0
        refuse paid_date <= today | 交纳日期不能晚于今天 | Date paid is in the future
      item pay_method code:PAY_METHOD optional B 交纳方式 | Payment method
      item supplement_months int optional B 补交月数 | Months paid in arrears
        refuse supplement_months in {0..6} | 补交不能超过6个月 | At most six months are paid in arrears
      item relief_kind code:RELIEF required C 减免情况 | Reduction or exemption
      item relief_approver_code ref:org conditional B 批准减免的党委 | Committee approving relief
        when relief_kind != '0'
        later references | The organisation exists somewhere in the network.
        later hierarchy | The approving committee is an ancestor of the branch.
      item extra_amount decimal:2 optional C 自愿多交金额 | Voluntary extra amount
        refuse extra_amount >= 0 | 自愿多交金额不能为负数 | The amount is negative
        warn extra_amount < 1000 | 一次多交1000元以上应全额上缴中央 | Extra payments of 1,000 yuan or more are remitted in full
    entity appraisal 16 民主评议 | Democratic appraisal
      parent member
      key appraisal_year
      item appraisal_year int required B 评议年度 | Year
        refuse appraisal_year in {1921..9999} | 评议年度应为4位年份 | The year has four digits
        later uniqueness | One appraisal a member and year; holds by the natural key.
      item appraisal_start date required B 开展评议日期 | Start date
        refuse year(appraisal_start) = appraisal_year or year(appraisal_start) = appraisal_year + 1
          | 开展评议日期应在评议年度或次年 | The appraisal starts in its year or the next
      item appraisal_end date optional B 结束评议日期 | End date
        refuse appraisal_end >= appraisal_start | 结束日期不能早于开展日期 | The appraisal ends before it starts
      item self_done bool required B 是否完成自评 | Self assessment done
      item votes_excellent int optional B 民主测评优秀票 | Votes for excellent
        refuse votes_excellent >= 0 | 票数不能为负数 | The number of votes is negative
      item appraisal_result code:APPRAISAL required B 评议结果 | Result
        refuse member.member_category = '2' implies appraisal_result = '0'
          | 预备党员不定等次 | Probationary members are not graded
        later counting | At most a third of the branch is excellent.
      item disposal code:DISPOSAL conditional B 组织处置 | Organisational handling
        when appraisal_result = '4'
      item correct_deadline date conditional B 限期改正期满日期 | Correction deadline
        when disposal = '1'
        refuse correct_deadline <= appraisal_end + 1y
          | 限期改正不能超过1年 | The deadline lies more than a year after the appraisal
    """#
}
