extension BundledReports {
  /// Rows and columns that several tables share (DOMAIN 4.1): posts, ages, periods of joining, education, kinds of
  /// unit.
  static let stubs = #"""
    stub JOB job
      line all 总计 | Total
      line j0 . 一、在岗职工 | Employees | starts_with($job, '0')
      line j01 .. 公有制单位 | Public units | starts_with($job, '01')
      line j011 ... 党政机关工作人员 | Party and government staff | starts_with($job, '011')
      line j012 ... 事业单位管理人员 | Institution managers | starts_with($job, '012')
      line j013 ... 事业单位专业技术人员 | Institution professionals | starts_with($job, '013')
      line j014 ... 企业管理人员 | Enterprise managers | starts_with($job, '014')
      line j015 ... 企业专业技术人员 | Enterprise professionals | starts_with($job, '015')
      line j016 ... 工勤技能人员 | Workers | starts_with($job, '016')
      line j0164 .... 其中:农民工 | Of them migrant workers | starts_with($job, '0164')
      line j02 .. 非公有制单位 | Non-public units | starts_with($job, '02')
      line j021 ... 企业管理人员 | Enterprise managers | starts_with($job, '021')
      line j022 ... 企业专业技术人员 | Enterprise professionals | starts_with($job, '022')
      line j023 ... 民办非企业单位管理人员 | Managers of private non-enterprise units | starts_with($job, '023')
      line j024 ... 民办非企业单位专业技术人员 | Professionals of such units | starts_with($job, '024')
      line j025 ... 工勤技能人员 | Workers | starts_with($job, '025')
      line j0253 .... 其中:农民工 | Of them migrant workers | starts_with($job, '0253')
      line j1 . 二、农牧渔民 | Farmers, herders, fishers | starts_with($job, '1')
      line j113 .. 其中:外出务工经商人员 | Of them gone out to work or trade | starts_with($job, '113')
      line j2 . 三、军人、武警 | Military and armed police | starts_with($job, '2')
      line j3 . 四、学生 | Students | starts_with($job, '3')
      line j4 . 五、离退休人员 | Retirees | starts_with($job, '4')
      line j5 . 六、其他 | Others | starts_with($job, '5')

    # Full years on the last day: 31 years old is who was born from the day 36 years before it, not included, to the day
    # 31 years before it. Written with dates, so that a stretch of days is one band.
    stub AGE10 birth
      line a30 30岁及以下 | Up to 30 | $birth > final_date - 31y
      line a35 31至35岁 | 31–35 | $birth <= final_date - 31y and $birth > final_date - 36y
      line a40 36至40岁 | 36–40 | $birth <= final_date - 36y and $birth > final_date - 41y
      line a45 41至45岁 | 41–45 | $birth <= final_date - 41y and $birth > final_date - 46y
      line a50 46至50岁 | 46–50 | $birth <= final_date - 46y and $birth > final_date - 51y
      line a55 51至55岁 | 51–55 | $birth <= final_date - 51y and $birth > final_date - 56y
      line a60 56至60岁 | 56–60 | $birth <= final_date - 56y and $birth > final_date - 61y
      line a65 61至65岁 | 61–65 | $birth <= final_date - 61y and $birth > final_date - 66y
      line a70 66至70岁 | 66–70 | $birth <= final_date - 66y and $birth > final_date - 71y
      line a71 71岁及以上 | 71 and above | $birth <= final_date - 71y
    stub AGE6N birth
      line a25 25岁及以下 | Up to 25 | $birth > final_date - 26y
      line a30 26至30岁 | 26–30 | $birth <= final_date - 26y and $birth > final_date - 31y
      line a35 31至35岁 | 31–35 | $birth <= final_date - 31y and $birth > final_date - 36y
      line a40 36至40岁 | 36–40 | $birth <= final_date - 36y and $birth > final_date - 41y
      line a59 41至59岁 | 41–59 | $birth <= final_date - 41y and $birth > final_date - 60y
      line a60 60岁及以上 | 60 and above | $birth <= final_date - 60y
    stub AGE4 birth
      line a35 35岁及以下 | Up to 35 | $birth > final_date - 36y
      line a54 36至54岁 | 36–54 | $birth <= final_date - 36y and $birth > final_date - 55y
      line a59 55至59岁 | 55–59 | $birth <= final_date - 55y and $birth > final_date - 60y
      line a60 60岁及以上 | 60 and above | $birth <= final_date - 60y

    # The form of 2005 had no band from November 2012 on, and the last one was open (DOMAIN 4.1: bands are data).
    stub JOIN9 joined
      line b1 1937年7月6日以前 | Up to 1937-07-06 | $joined <= 1937-07-06
      line b2 1937年7月7日至1945年9月2日 | 1937-07-07 – 1945-09-02 | $joined in {1937-07-07..1945-09-02}
      line b3 1945年9月3日至1949年9月 | 1945-09-03 – 1949-09 | $joined in {1945-09-03..1949-09-30}
      line b4 1949年10月至1966年4月 | 1949-10 – 1966-04 | $joined in {1949-10-01..1966-04-30}
      line b5 1966年5月至1976年10月 | 1966-05 – 1976-10 | $joined in {1966-05-01..1976-10-31}
      line b6 1976年11月至1978年12月 | 1976-11 – 1978-12 | $joined in {1976-11-01..1978-12-31}
      line b7 1979年1月至2002年10月 | 1979-01 – 2002-10 | $joined in {1979-01-01..2002-10-31}
      line b8o until 2012-10-31 2002年11月以后 | Since 2002-11 | $joined >= 2002-11-01
      line b8 from 2012-11-01 2002年11月至2012年10月 | 2002-11 – 2012-10 | $joined in {2002-11-01..2012-10-31}
      line b9 from 2012-11-01 2012年11月以后 | Since 2012-11 | $joined >= 2012-11-01
    stub JOIN6 joined
      line b3 1949年9月以前 | Up to 1949-09 | $joined <= 1949-09-30
      line b4 1949年10月至1966年4月 | 1949-10 – 1966-04 | $joined in {1949-10-01..1966-04-30}
      line b5 1966年5月至1976年10月 | 1966-05 – 1976-10 | $joined in {1966-05-01..1976-10-31}
      line b6 1976年11月至1978年12月 | 1976-11 – 1978-12 | $joined in {1976-11-01..1978-12-31}
      line b7 1979年1月至2002年10月 | 1979-01 – 2002-10 | $joined in {1979-01-01..2002-10-31}
      line b8 2002年11月以后 | Since 2002-11 | $joined >= 2002-11-01

    stub EDU6 edu
      line e1 研究生 | Postgraduate | starts_with($edu, '1')
      line e2 大学本科 | Undergraduate | starts_with($edu, '2')
      line e3 大学专科 | Junior college | starts_with($edu, '3')
      line e4 中专 | Secondary specialised | $edu in {'40', '41', '42', '43'}
      line e5 高中、中技 | High and skilled-worker school
          | $edu in {'44', '45', '46', '47', '48', '49', '60', '61', '62', '63'}
      line e6 初中及以下 | Junior high or below | $edu in {'70', '71', '73', '80', '81', '83', '90'}
    stub EDU3 edu
      line e3 大专及以上 | College and above | starts_with($edu, '1') or starts_with($edu, '2') or starts_with($edu, '3')
      line e5 中专、高中中技 | Secondary | starts_with($edu, '4') or starts_with($edu, '6')
      line e6 初中及以下 | Junior high or below | $edu in {'70', '71', '73', '80', '81', '83', '90'}
    stub PERSON sex nation
      line women 女 | Women | $sex = '2'
      line minority 少数民族 | Ethnic minorities | $nation != '01'

    # Kinds of unit, STUB-SECTOR9 without and with towns.
    stub SECTOR8 unit
      line village 建制村 | Villages | $unit = '16'
      line community 社区 | Communities | $unit in {'12', '15'}
      line organ 机关 | Organs | starts_with($unit, '4')
      line institution 事业单位 | Institutions | starts_with($unit, '3')
      line public 公有经济控制企业 | Public enterprises | starts_with($unit, '21') or starts_with($unit, '22')
      line private 非公有经济控制企业 | Non-public enterprises | starts_with($unit, '23')
      line social 社会组织 | Social organisations | starts_with($unit, '5')
      line other 其他 | Others | coalesce($unit, '9') in {'9', '11', '13', '14', '61', '62', '63', '71'}
    stub SECTOR9 unit
      line town 乡镇 | Townships and towns | $unit in {'13', '14'}
      line village 建制村 | Villages | $unit = '16'
      line community 社区 | Communities | $unit in {'12', '15'}
      line organ 机关 | Organs | starts_with($unit, '4')
      line institution 事业单位 | Institutions | starts_with($unit, '3')
      line public 公有经济控制企业 | Public enterprises | starts_with($unit, '21') or starts_with($unit, '22')
      line private 非公有经济控制企业 | Non-public enterprises | starts_with($unit, '23')
      line social 社会组织 | Social organisations | starts_with($unit, '5')
      line other 其他 | Others | coalesce($unit, '9') in {'9', '11', '61', '62', '63', '71'}
    stub STRATUM8 stratum
      line s1 民营科技企业创业、技术人员 | Founders and technicians of private technology enterprises | $stratum in {'1', '41'}
      line s2 受聘于外资企业的管理技术人员 | Managers and technicians of foreign-funded enterprises | $stratum = '2'
      line s3 个体劳动者 | Self-employed | starts_with($stratum, '3')
      line s31 . 其中:城镇个体劳动者 | Of them urban | $stratum = '31'
      line s4 私营企业主 | Private entrepreneurs | $stratum in {'4', '49'}
      line s5 中介组织从业人员 | Staff of intermediary organisations | $stratum = '5'
      line s6 自由职业人员 | Freelancers | $stratum = '6'

    # Rows of the tables about units (STUB-BUILD12).
    stub BUILD12
      line units 单位数 | Units
      line own . 已单独建立 | With an organisation of their own | org_state in {'10', '20', '30'}
      line own1 .. 党委 | Committee | org_state = '10'
      line own2 .. 总支部 | General branch | org_state = '20'
      line own3 .. 支部 | Branch | org_state = '30'
      line joint . 已建立联合党支部 | In a joint branch | org_state = '40'
      line joint3 .. 其中:具有3名以上党员的 | Of them with three or more members | staff_members >= 3
      line none . 未建立 | Without | org_state in {'51', '52', '53'}
      line should .. 应建尚未建立 | Should have one | org_state = '51'
      line group ... 其中:建立党小组的 | Of them with a party group
        keyed
      line few .. 仅有个别党员的 | A few members only | org_state = '52'
      line empty .. 没有党员的 | No members | org_state = '53'
      line branches 联合党支部数 | Joint branches | org_category in {'632', '932'}
        of org where org_status = '1'
      line staff 补充:在岗职工 | Employees
        sum staff_total
      line members . 其中:党员 | Of them members
        sum staff_members
    """#
}
