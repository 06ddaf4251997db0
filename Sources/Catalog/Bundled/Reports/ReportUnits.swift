extension BundledReports {
  /// Tables 24 to 31: organisations, their terms, and where units have them.
  static let units = #"""
    # Where an organisation stands: its own host unit, else its superior's.
    form T24 基层组织数量和换届 | Organisations and their terms
      of org where org_category in {'611', '621', '631', '632'} and org_status = '1' and founded_date <= final_date
      unit 个 | organisations
      row all 基层党组织总数 | Organisations
      row expired . 本年任届期满的 | Terms that ended in the year
          | term_start_date + years(term_years) >= first_date and term_start_date + years(term_years) <= final_date
        of org_term where org.org_category in {'611', '621', '631', '632'} and org.org_status = '1'
      row elected . 其中:本年已换届的 | Elections held in the year
        of org_term where org.org_category in {'611', '621', '631', '632'} and org.org_status = '1'
            and term_start_date >= first_date and term_start_date <= final_date and term_no > 1
      row street . 城市街道 | Urban sub-districts | coalesce(host.unit_category, parent.host.unit_category) = '11'
      row town . 乡镇 | Townships and towns | coalesce(host.unit_category, parent.host.unit_category) in {'13', '14'}
      row community . 社区 | Communities | coalesce(host.unit_category, parent.host.unit_category) in {'12', '15'}
      row village . 建制村 | Villages | coalesce(host.unit_category, parent.host.unit_category) = '16'
      row e21 . 国有经济控制企业 | State enterprises
          | starts_with(coalesce(host.unit_category, parent.host.unit_category), '21')
      row e22 . 集体经济控制企业 | Collective enterprises
          | starts_with(coalesce(host.unit_category, parent.host.unit_category), '22')
      row e23 . 非公有经济控制企业 | Non-public enterprises
          | starts_with(coalesce(host.unit_category, parent.host.unit_category), '23')
      row institution . 事业单位 | Institutions
          | starts_with(coalesce(host.unit_category, parent.host.unit_category), '3')
      row organ . 机关 | Organs | starts_with(coalesce(host.unit_category, parent.host.unit_category), '4')
      row organ1 .. 中央一级 | Central | coalesce(host.subordination, parent.host.subordination) = '10'
      row organ2 .. 省一级 | Provincial | coalesce(host.subordination, parent.host.subordination) = '20'
      row organ3 .. 市一级 | City | coalesce(host.subordination, parent.host.subordination) = '40'
      row organ4 .. 县一级 | County | coalesce(host.subordination, parent.host.subordination) = '50'
      row social . 社会组织 | Social organisations
          | starts_with(coalesce(host.unit_category, parent.host.unit_category), '5')
      row other . 其他 | Others
          | coalesce(coalesce(host.unit_category, parent.host.unit_category), '9') in {'9', '61', '62', '63', '71'}
      row leading 补充:党组 | Leading party groups | org_category = '700'
        of org where org_status = '1' and founded_date <= final_date
        only all
      row dispatched 补充:派出工作委员会 | Dispatched working committees | org_category = '500'
        of org where org_status = '1' and founded_date <= final_date
        only all
      col all 总数 | Total
      col c611 党委 | Committees | org_category = '611'
        on org_term org.org_category = '611'
      col c621 总支部 | General branches | org_category = '621'
        on org_term org.org_category = '621'
      col c631 支部 | Branches | org_category in {'631', '632'}
        on org_term org.org_category in {'631', '632'}
      check T24.1 hard 总数等于党委、总支部、支部之和 | The total is the sum of the categories | T24[*,all] = T24[*,c611+c621+c631]
      check T24.2 soft 换届的不大于届满的 | Not more elections than terms that ended | T24[elected,*] <= T24[expired,*]
        explain org_term where term_start_date >= first_date and term_start_date <= final_date and term_no > 1
      check T24.3 hard 总数等于各类单位之和 | The total is the sum of the kinds of unit
          | T24[all,*] = T24[street+town+community+village+e21+e22+e23+institution+organ+social+other,*]

    form T25 街道、社区、乡镇、建制村建立组织 | Organisations in sub-districts, communities, towns, villages
      of unit where unit_status = '1'
      unit 个 | units
      rows BUILD12
      row service 服务机构 | Service centres
        keyed
      row volunteers 志愿者队伍 | Teams of volunteers
        keyed
      col k11 城市街道 | Urban sub-districts | unit_category = '11'
        on org host.unit_category = '11'
      col k12 城市社区 | Urban communities | unit_category = '12'
        on org host.unit_category = '12'
      col town 乡镇 | Townships and towns | unit_category in {'13', '14'}
        on org host.unit_category in {'13', '14'}
      col k15 乡镇社区 | Town communities | unit_category = '15'
        on org host.unit_category = '15'
      col k16 建制村 | Villages | unit_category = '16'
        on org host.unit_category = '16'
      check T25.1 hard 单位数等于已单独、联合与未建之和 | Units are those with their own, a joint and none
          | T25[units,*] = T25[own+joint+none,*]
      check T25.2 soft 应建尚未建立的应为零(A-ORG-06) | No unit should lack an organisation (A-ORG-06) | T25[should,*] = 0
        explain unit where unit_status = '1' and org_state = '51' and starts_with(unit_category, '1')

    form T26 公有控制企业建立组织 | Organisations in public enterprises
      of unit where unit_status = '1' and (starts_with(unit_category, '21') or starts_with(unit_category, '22'))
      unit 个 | units
      rows BUILD12
      row workers . 其中:工勤技能人员 | Of them workers
        sum staff_workers
      row full_time 专职党务工作者 | Full-time party workers | is_full_time
        of party_post where post_status = '1' and starts_with(org.host.unit_category, '2')
            and not starts_with(org.host.unit_category, '23')
        only all
      row deputies 专职副书记 | Full-time deputy secretaries | is_full_time and post_code = '02'
        of party_post where post_status = '1' and starts_with(org.host.unit_category, '2')
            and not starts_with(org.host.unit_category, '23')
        only all
      col all 总数 | Total
        on org starts_with(host.unit_category, '21') or starts_with(host.unit_category, '22')
        on unit true
        on party_post true
      col large 大中型企业 | Large and medium | enterprise_scale in {'1', '2'}
        on org host.enterprise_scale in {'1', '2'} and (starts_with(host.unit_category, '21')
          or starts_with(host.unit_category, '22'))
      col central 中央企业 | Central enterprises | subordination = '10'
        on org host.subordination = '10' and (starts_with(host.unit_category, '21')
          or starts_with(host.unit_category, '22'))
      col k211 国有独资 | Wholly state-owned | unit_category = '211'
        on org host.unit_category = '211'
      col k212 国有控股 | State-holding | unit_category = '212'
        on org host.unit_category = '212'
      col k213 国有控股的港澳台商投资 | State-controlled, with HK, Macao, Taiwan capital | unit_category = '213'
        on org host.unit_category = '213'
      col k214 国有控股的外商投资 | State-controlled, with foreign capital | unit_category = '214'
        on org host.unit_category = '214'
      col k221 集体企业 | Collective | unit_category = '221'
        on org host.unit_category = '221'
      col k222 集体控股的港澳台商投资 | Collective, with HK, Macao, Taiwan capital | unit_category = '222'
        on org host.unit_category = '222'
      col k223 集体控股的外商投资 | Collective, with foreign capital | unit_category = '223'
        on org host.unit_category = '223'
      check T26.1 hard 单位数等于已单独、联合与未建之和 | Units are those with their own, a joint and none
          | T26[units,*] = T26[own+joint+none,*]
      check T26.2 soft 应建尚未建立的应为零(A-ORG-06) | No unit should lack an organisation (A-ORG-06) | T26[should,all] = 0
        explain unit where unit_status = '1' and org_state = '51' and (starts_with(unit_category, '21')
          or starts_with(unit_category, '22'))

    form T27 非公企业建立组织 | Organisations in non-public enterprises
      of unit where unit_status = '1' and starts_with(unit_category, '23')
      unit 个 | units
      rows BUILD12
      row contact 党建工作指导员联系的 | With an instructor | has_instructor
      row built_staff 补充:已建组织企业的职工 | Employees where there is an organisation | org_state < '50'
        sum staff_total
      row built_members . 其中:党员 | Of them members
        sum staff_members
      col all 总数 | Total
        on unit true
        on org starts_with(host.unit_category, '23')
      col s50 50人以上 | 50 and more employees | staff_total >= 50
        on org host.staff_total >= 50 and starts_with(host.unit_category, '23')
      col s100 100人以上 | 100 and more employees | staff_total >= 100
        on org host.staff_total >= 100 and starts_with(host.unit_category, '23')
      col legal 法定代表人是党员 | Legal representative is a member | legal_rep_is_member
        on org host.legal_rep_is_member and starts_with(host.unit_category, '23')
      col legal_secretary 其中:兼任党组织书记 | Of them secretaries too | legal_rep_is_member and legal_rep_is_secretary
        on org host.legal_rep_is_secretary and starts_with(host.unit_category, '23')
      col k231 私有经济控制 | Privately controlled | unit_category = '231'
        on org host.unit_category = '231'
      col k232 港澳台商经济控制 | HK, Macao or Taiwan controlled | unit_category = '232'
        on org host.unit_category = '232'
      col k233 外商经济控制 | Foreign controlled | unit_category = '233'
        on org host.unit_category = '233'
      check T27.1 hard 单位数等于已单独、联合与未建之和 | Units are those with their own, a joint and none
          | T27[units,*] = T27[own+joint+none,*]
      check T27.2 soft 应建尚未建立的应为零(A-ORG-06) | No unit should lack an organisation (A-ORG-06) | T27[should,all] = 0
        explain unit where unit_status = '1' and org_state = '51' and starts_with(unit_category, '23')
      check T27.3 hard 100人以上的不大于50人以上的 | 100 and more are among 50 and more | T27[*,s100] <= T27[*,s50]

    form T28 事业单位建立组织 | Organisations in public institutions
      of unit where unit_status = '1' and starts_with(unit_category, '3')
      unit 个 | units
      rows BUILD12
      row professionals . 其中:专业技术人员 | Of them professionals
        sum staff_professional
      col all 总数 | Total
        on unit true
        on org starts_with(host.unit_category, '3')
      col k301 农业 | Agriculture | unit_category = '301'
        on org host.unit_category = '301'
      col k302 科学研究 | Research | unit_category = '302'
        on org host.unit_category = '302'
      col k303 普通高等学校 | Universities | unit_category = '303'
        on org host.unit_category = '303'
      col k304 中等学校 | Secondary schools | unit_category = '304'
        on org host.unit_category = '304'
      col k305 小学校 | Primary schools | unit_category = '305'
        on org host.unit_category = '305'
      col k306 幼儿园 | Kindergartens | unit_category = '306'
        on org host.unit_category = '306'
      col k307 卫生 | Health | unit_category = '307'
        on org host.unit_category = '307'
      col k308 新闻出版广电 | Press and broadcasting | unit_category = '308'
        on org host.unit_category = '308'
      col k309 文化艺术 | Culture and arts | unit_category = '309'
        on org host.unit_category = '309'
      col k310 体育 | Sports | unit_category = '310'
        on org host.unit_category = '310'
      check T28.1 hard 单位数等于已单独、联合与未建之和 | Units are those with their own, a joint and none
          | T28[units,*] = T28[own+joint+none,*]
      check T28.2 soft 应建尚未建立的应为零(A-ORG-06) | No unit should lack an organisation (A-ORG-06) | T28[should,all] = 0
        explain unit where unit_status = '1' and org_state = '51' and starts_with(unit_category, '3')
      check T28.3 hard 各类之和不大于总数 | The kinds are not more than the total
          | T28[*,k301+k302+k303+k304+k305+k306+k307+k308+k309+k310] <= T28[*,all]

    form T29 机关建立组织 | Organisations in organs
      of unit where unit_status = '1' and starts_with(unit_category, '4')
      unit 个 | units
      rows BUILD12
      col all 总数 | Total
        on unit true
        on org starts_with(host.unit_category, '4')
      col k41 国家机关 | State organs | unit_category = '41'
        on org host.unit_category = '41'
      col k42 政党机关 | Party organs | unit_category = '42'
        on org host.unit_category = '42'
      col k43 人民团体和群众团体机关 | People's and mass organisations | unit_category = '43'
        on org host.unit_category = '43'
      check T29.1 hard 单位数等于已单独、联合与未建之和 | Units are those with their own, a joint and none
          | T29[units,*] = T29[own+joint+none,*]
      check T29.2 soft 应建尚未建立的应为零(A-ORG-06) | No unit should lack an organisation (A-ORG-06) | T29[should,all] = 0
        explain unit where unit_status = '1' and org_state = '51' and starts_with(unit_category, '4')

    form T30 社会组织建立组织 | Organisations in social organisations
      of unit where unit_status = '1' and starts_with(unit_category, '5')
      unit 个 | units
      rows BUILD12
      row instructor 选派党建工作指导员的 | With an instructor | has_instructor
      row not_moved 补充:未转入组织关系的党员 | Members whose relation is elsewhere
        sum members_not_moved
      col all 总数 | Total
        on unit true
        on org starts_with(host.unit_category, '5')
      col k51 社会团体 | Associations | unit_category = '51'
        on org host.unit_category = '51'
      col k52 基金会 | Foundations | unit_category = '52'
        on org host.unit_category = '52'
      col k53 民办非企业单位 | Private non-enterprise units | unit_category = '53'
        on org host.unit_category = '53'
      col k54 律师事务所 | Law firms | unit_category = '54'
        on org host.unit_category = '54'
      col k55 会计师事务所 | Accounting firms | unit_category = '55'
        on org host.unit_category = '55'
      col k56 税务师事务所 | Tax agents | unit_category = '56'
        on org host.unit_category = '56'
      check T30.1 hard 单位数等于已单独、联合与未建之和 | Units are those with their own, a joint and none
          | T30[units,*] = T30[own+joint+none,*]
      check T30.2 soft 应建尚未建立的应为零(A-ORG-06) | No unit should lack an organisation (A-ORG-06) | T30[should,all] = 0
        explain unit where unit_status = '1' and org_state = '51' and starts_with(unit_category, '5')

    form T31 政府工作部门建立组织 | Organisations in government departments
      of unit where unit_status = '1' and unit_category = '41'
      unit 个 | departments
      row all 部门数 | Departments
      row leading . 建立党组的 | With a leading party group
        keyed
      row own1 . 建立党委的 | With a committee | org_state = '10'
      row own2 . 建立总支部的 | With a general branch | org_state = '20'
      row own3 . 建立支部的 | With a branch | org_state = '30'
      row joint . 建立联合党支部的 | In a joint branch | org_state = '40'
      row none . 未建立的 | Without | org_state in {'51', '52', '53'}
      col all 总数 | Total
      col s10 国务院 | State Council | subordination = '10'
      col s20 省 | Province | subordination = '20'
      col s40 市 | City | subordination = '40'
      col s50 县 | County | subordination = '50'
      check T31.1 hard 部门数等于各类之和 | Departments are the sum of their kinds | T31[all,*] = T31[own1+own2+own3+joint+none,*]
    """#
}
