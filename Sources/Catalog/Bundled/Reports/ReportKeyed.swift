extension BundledReports {
  /// Tables 32 and 38 to 42: most of what they ask is no item of the register and is keyed in by the node; what can be
  /// counted is.
  static let keyed = #"""
    form T32 地方委员会换届和民主生活会 | Local committees: elections and meetings
      of org where org_category in {'200', '300', '400'} and org_status = '1'
      unit 个、人 | committees, persons
      row all 委员会总数 | Committees
      row expired . 本年任届期满的 | Terms that ended in the year
          | term_start_date + years(term_years) >= first_date and term_start_date + years(term_years) <= final_date
        of org_term where org.org_category in {'200', '300', '400'} and org.org_status = '1'
      row elected . 其中:本年已换届的 | Elections held in the year
        of org_term where org.org_category in {'200', '300', '400'} and org.org_status = '1'
            and term_start_date >= first_date and term_start_date <= final_date and term_no > 1
      row delegates 代表大会代表 | Delegates
        keyed
      row members 委员 | Members
        keyed
      row standing 常务委员 | Standing members
        keyed
      row alternates 候补委员 | Alternates
        keyed
      row discipline 纪委委员 | Members of discipline commissions
        keyed
      row plenary 召开全委会次数 | Plenary meetings
        keyed
      row democratic 召开民主生活会的 | Held a democratic meeting
        keyed
      col all 总数 | Total
      col l2 省 | Provincial | org_category = '200'
        on org_term org.org_category = '200'
      col l3 市 | City | org_category = '300'
        on org_term org.org_category = '300'
      col l4 县 | County | org_category = '400'
        on org_term org.org_category = '400'
      check T32.1 hard 总数等于各级之和 | The total is the sum of the levels | T32[*,all] = T32[*,l2+l3+l4]

    # Open nomination and direct election: methods 3 and 4 of a term.
    form T38 领导班子公推直选 | Committees openly nominated and directly elected
      of org_term where election_method in {'3', '4'} and term_start_date >= first_date
          and term_start_date <= final_date and org.org_category in {'611', '621', '631', '632'}
      unit 个 | committees
      during
      row all 总计 | Total
      rows SECTOR9 org.host.unit_category
      col all 总数 | Total
      col c611 党委 | Committees | org.org_category = '611'
      col c621 总支部 | General branches | org.org_category = '621'
      col c631 支部 | Branches | org.org_category in {'631', '632'}
      col competitive 差额 | Competitive | election_method = '3'
      col equal 等额 | Equal number | election_method = '4'
      check T38.1 hard 总数等于差额与等额之和 | The total is competitive and equal | T38[*,all] = T38[*,competitive+equal]
      check T38.2 hard 总计等于各类单位之和 | The total is the sum of the kinds of unit
          | T38[all,*] = T38[town+village+community+organ+institution+public+private+social+other,*]
    form T39 党员评议班子、旁听党委会 | Members judging committees and listening to their meetings
      of org_term
      unit 个、人 | organisations, persons
      during
      row all 总计 | Total
        total town + village + community + organ + institution + public + private + social + other
      rows SECTOR9 org.host.unit_category
      col judged 开展党员评议班子的党组织 | Organisations judged
        keyed
      col judges . 参加评议的党员 | Members who judged
        keyed
      col open 允许旁听的党委 | Committees that let members listen
        keyed
      col listeners . 旁听的党员 | Listeners
        keyed
    form T40 农村党建 | Villages
      of unit where unit_status = '1' and unit_category = '16'
      unit 个、人、元 | villages, persons, yuan
      row n 数量 | Number
      col villages 建制村 | Villages
      col weak 软弱涣散的 | Weak organisations | weak_org_type is not null
        of org where org_status = '1' and host.unit_category = '16'
      col secretaries 村党组织书记 | Secretaries | post_code = '01'
        of party_post where post_status = '1' and org.host.unit_category = '16'
      col s1 . 本村推选的 | Of the village
        keyed
      col s2 . 机关选派的 | Sent by organs
        keyed
      col s3 . 大学生村官 | Graduate officials | member_id.job_code = '51'
      col s4 . 致富带头人 | Leaders in getting rich
        keyed
      col s5 . 退役军人 | Veterans
        keyed
      col reserve 村级后备力量 | Reserve
        keyed
      col trained 受训书记 | Secretaries trained
        keyed
      col first 第一书记 | First secretaries | post_code = '10'
        of party_post where post_status = '1' and org.host.unit_category = '16'
      col first1 . 中央机关选派 | Sent by central organs
        keyed
      col first2 . 省派 | By the province
        keyed
      col first3 . 市派 | By the city
        keyed
      col first4 . 县派 | By the county
        keyed
      col first5 . 乡镇派 | By the town
        keyed
      col income0 无集体经济收入的村 | Villages without income | village_income_yuan = 0
      col income5 集体经济收入5万元以下 | Income below 50,000 yuan | village_income_yuan > 0 and village_income_yuan < 50000
      col income10 5万至10万元 | 50,000 to 100,000 yuan | village_income_yuan >= 50000 and village_income_yuan < 100000
      col income100 10万元以上 | 100,000 yuan and more | village_income_yuan >= 100000
      col site 有活动场所的 | With a site | site_area_m2 > 0
        of org where org_status = '1' and host.unit_category = '16'
      col site200 . 200平方米以上 | Of 200 square metres and more | site_area_m2 >= 200
      col pay 书记年报酬总额 | Pay of secretaries
        keyed
      col funds 村级组织运转经费 | Running costs
        keyed
      col funds2 . 其中:财政负担 | Of them from budgets
        keyed
      col service 服务群众专项经费 | Funds for services
        keyed
      col insured 参加养老保险的书记 | Secretaries with a pension
        keyed
      col leaving 离任村干部补贴 | Allowances of former officials
        keyed
      check T40.1 soft 每村一名书记 | One secretary a village | T40[n,secretaries] >= T40[n,villages]
        explain org where host.unit_category = '16' and org_status = '1' and secretary_member_id is null
    form T41 整顿软弱涣散组织 | Weak organisations put right
      of org where org_status = '1' and weak_org_type is not null
      unit 个 | organisations
      row all 总计 | Total
      row village . 建制村 | Villages | host.unit_category = '16'
      row community . 社区 | Communities | host.unit_category in {'12', '15'}
      col listed 排查确定的 | Listed
      col raised 已转化提升的 | Raised
        keyed
      col w01 班子配备不齐、书记长期缺职 | Leading group incomplete | weak_org_type = '01'
      col w02 书记不胜任 | Secretary not up to the post | weak_org_type = '02'
      col w03 班子不团结 | Leading group divided | weak_org_type = '03'
      col w04 组织制度形同虚设 | Rules on paper only | weak_org_type = '04'
      col w05 拉票贿选问题突出 | Vote buying | weak_org_type = '05'
      col w06 宗族宗教和黑恶势力干扰 | Interference | weak_org_type = '06'
      col w07 村居务财务管理混乱 | Disordered accounts | weak_org_type = '07'
      col w08 治安和信访矛盾集中 | Public order, petitions | weak_org_type = '08'
      col w09 无固定活动场所 | No site | weak_org_type = '09'
      col w10 服务意识差 | Poor service | weak_org_type = '10'
      col replaced 调整书记 | Secretaries replaced
        keyed
      col sent 选派第一书记 | First secretaries sent
        keyed
      col teams 派驻工作组 | Teams sent
        keyed
      col solved 解决问题 | Problems solved
        keyed
      check T41.1 hard 排查数等于各类之和 | Listed is the sum of the kinds
          | T41[*,listed] = T41[*,w01+w02+w03+w04+w05+w06+w07+w08+w09+w10]
    form T42 社区党建 | Communities
      of unit where unit_status = '1' and unit_category in {'12', '15'}
      unit 个、人、元 | communities, persons, yuan
      row all 总计 | Total
      row urban . 城市社区 | Urban | unit_category = '12'
        on org host.unit_category = '12'
        on party_post org.host.unit_category = '12'
      row rural . 乡镇社区 | In towns | unit_category = '15'
        on org host.unit_category = '15'
        on party_post org.host.unit_category = '15'
      col n 社区 | Communities
      col staff 社区工作者 | Workers
        sum staff_total
      col party . 其中:党员 | Of them members
        sum staff_members
      col women . 其中:女 | Of them women
        sum staff_female
      col secretaries 社区党组织书记 | Secretaries | post_code = '01'
        of party_post where post_status = '1' and org.host.unit_category in {'12', '15'}
      col pay 书记年报酬总额 | Pay of secretaries
        keyed
      col pay2 工作者年报酬总额 | Pay of workers
        keyed
      col funds 工作经费 | Running costs
        keyed
      col service 服务群众专项经费 | Funds for services
        keyed
      col site 有活动场所的 | With a site | site_area_m2 > 0
        of org where org_status = '1' and host.unit_category in {'12', '15'}
      col site300 . 300平方米以上 | Of 300 square metres and more | site_area_m2 >= 300
      col big 建立大党委的 | With a committee of several units
        keyed
      col report1 到社区报到的党组织 | Organisations that reported in
        keyed
      col report2 到社区报到的党员 | Members who reported in
        keyed
      check T42.1 hard 总计等于城市与乡镇之和 | The total is urban and town | T42[all,*] = T42[urban+rural,*]
    """#
}
