/// Ningbo's tree of places: 11 county-level units as in 2005, 162 township-level units with today's names.
///
/// Jiangdong (330204, merged into Yinzhou in 2016) is given back its eight sub-districts; Fenghua is a city (330283).
/// Codes and Chinese names are those of the catalog's REGION table, and a test holds them against it; romanised names
/// are ours.
struct County: Sendable {
  let code: String
  let name: String
  /// Without 区, 县 or 市.
  let shortName: String
  /// Names the node.
  let pinyin: String
  /// Share of the city's people, in our estimate.
  let weight: Double
  /// The site that has a node of its own in the small plan.
  let site: UnitClass
  let townships: [Township]
}

struct Township: Sendable {
  let code: String
  let name: String
  let pinyin: String
  /// Old town centre: communities and offices, no villages.
  let isUrban: Bool
  /// One of the three townships of its county that are nodes in the small plan.
  let isNodeInSmallPlan: Bool

  var isSubdistrict: Bool { name.hasSuffix("街道") }
  /// ORG_CLASSIFY: sub-district, township, town, or a zone.
  var level: String { isSubdistrict ? "51" : name.hasSuffix("乡") ? "52" : name.hasSuffix("镇") ? "53" : "9" }
}

extension County {
  /// The code that records of this township carry. The table has no 2005 codes below Jiangdong and Fenghua city.
  func region(of township: Township) -> String {
    code == "330204" || code == "330283" ? code : township.code
  }

  static let all: [County] = [
    County("330203 海曙区 haishu 7", .publicEnterprise, haishu),
    County("330204 江东区 jiangdong 7", .institution, jiangdong),
    County("330205 江北区 jiangbei 6", .university, jiangbei),
    County("330206 北仑区 beilun 8", .publicEnterprise, beilun),
    County("330211 镇海区 zhenhai 6", .publicEnterprise, zhenhai),
    County("330212 鄞州区 yinzhou 17", .university, yinzhou),
    County("330225 象山县 xiangshan 11", .village, xiangshan),
    County("330226 宁海县 ninghai 12", .village, ninghai),
    County("330281 余姚市 yuyao 17", .publicEnterprise, yuyao),
    County("330282 慈溪市 cixi 18", .village, cixi),
    County("330283 奉化市 fenghua 10", .village, fenghua),
  ]

  /// - Parameters:
  ///   - head: code, name, romanised name, weight.
  ///   - townships: one a line: code, name, romanised name, then `u` when urban and `*` when a node of the small plan.
  private init(_ head: String, _ site: UnitClass, _ townships: String) {
    let parts = head.split(separator: " ").map(String.init)
    code = parts[0]
    name = parts[1]
    shortName = String(parts[1].dropLast())
    pinyin = parts[2]
    weight = Double(parts[3]) ?? 1
    self.site = site
    self.townships = townships.split(separator: "\n").map { line in
      let fields = line.split(separator: " ").map(String.init)
      let marks = fields.count > 3 ? fields[3] : ""
      return Township(
        code: fields[0], name: fields[1], pinyin: fields[2], isUrban: marks.contains("u"),
        isNodeInSmallPlan: marks.contains("*"))
    }
  }
}

private let haishu = """
  330203001 南门街道 nanmen u*
  330203002 江厦街道 jiangxia u
  330203003 西门街道 ximen u
  330203004 月湖街道 yuehu u
  330203005 鼓楼街道 gulou u
  330203006 白云街道 baiyun u
  330203007 段塘街道 duantang u
  330203008 望春街道 wangchun u
  330203009 石碶街道 shiqi *
  330203100 高桥镇 gaoqiao *
  330203101 横街镇 hengjie
  330203102 集士港镇 jishigang
  330203103 古林镇 gulin
  330203104 洞桥镇 dongqiao
  330203105 鄞江镇 yinjiang
  330203106 章水镇 zhangshui
  330203200 龙观乡 longguan
  """

private let jiangdong = """
  330212008 百丈街道 baizhang u*
  330212009 东胜街道 dongsheng u
  330212010 明楼街道 minglou u
  330212011 白鹤街道 baihe u*
  330212012 东柳街道 dongliu u
  330212013 东郊街道 dongjiao
  330212014 福明街道 fuming *
  330212015 新明街道 xinming
  """

private let jiangbei = """
  330205001 外滩街道 waitan u
  330205003 孔浦街道 kongpu u
  330205004 文教街道 wenjiao u*
  330205005 甬江街道 yongjiang
  330205006 庄桥街道 zhuangqiao *
  330205007 洪塘街道 hongtang
  330205008 前江街道 qianjiang
  330205103 慈城镇 cicheng *
  """

private let beilun = """
  330206001 大榭街道 daxie
  330206002 新碶街道 xinqi *
  330206003 小港街道 xiaogang *
  330206004 大碶街道 daqi
  330206005 霞浦街道 xiapu
  330206006 柴桥街道 chaiqiao *
  330206007 戚家山街道 qijiashan
  330206008 春晓街道 chunxiao
  330206009 梅山街道 meishan
  330206010 郭巨街道 guoju
  330206011 白峰街道 baifeng
  330206401 保税区 baoshuiqu u
  """

private let zhenhai = """
  330211001 招宝山街道 zhaobaoshan u*
  330211002 蛟川街道 jiaochuan
  330211003 骆驼街道 luotuo *
  330211004 庄市街道 zhuangshi
  330211005 贵驷街道 guisi
  330211100 澥浦镇 xiepu *
  330211101 九龙湖镇 jiulonghu
  """

private let yinzhou = """
  330212001 下应街道 xiaying
  330212002 钟公庙街道 zhonggongmiao *
  330212004 梅墟街道 meixu
  330212005 中河街道 zhonghe
  330212006 首南街道 shounan
  330212007 潘火街道 panhuo
  330212016 聚贤街道 juxian
  330212100 瞻岐镇 zhanqi
  330212101 咸祥镇 xianxiang
  330212102 塘溪镇 tangxi
  330212103 东钱湖镇 dongqianhu
  330212104 东吴镇 dongwu
  330212105 五乡镇 wuxiang
  330212106 邱隘镇 qiuai *
  330212108 云龙镇 yunlong
  330212109 横溪镇 hengxi
  330212110 姜山镇 jiangshan *
  """

private let xiangshan = """
  330225001 丹东街道 dandong *
  330225002 丹西街道 danxi
  330225003 爵溪街道 juexi
  330225101 石浦镇 shipu *
  330225102 西周镇 xizhou *
  330225103 鹤浦镇 hepu
  330225104 贤庠镇 xianxiang
  330225105 墙头镇 qiangtou
  330225106 泗洲头镇 sizhoutou
  330225107 定塘镇 dingtang
  330225108 涂茨镇 tuci
  330225109 大徐镇 daxu
  330225110 新桥镇 xinqiao
  330225200 东陈乡 dongchen
  330225201 晓塘乡 xiaotang
  330225202 黄避岙乡 huangbiao
  330225203 茅洋乡 maoyang
  330225204 高塘岛乡 gaotangdao
  """

private let ninghai = """
  330226001 跃龙街道 yuelong *
  330226002 桃源街道 taoyuan
  330226003 梅林街道 meilin
  330226004 桥头胡街道 qiaotouhu
  330226101 长街镇 changjie *
  330226102 力洋镇 liyang
  330226104 一市镇 yishi
  330226105 岔路镇 chalu
  330226106 前童镇 qiantong
  330226107 桑洲镇 sangzhou
  330226108 黄坛镇 huangtan
  330226109 大佳何镇 dajiahe
  330226110 强蛟镇 qiangjiao
  330226111 西店镇 xidian *
  330226112 深甽镇 shenzhen
  330226200 胡陈乡 huchen
  330226201 茶院乡 chayuan
  330226202 越溪乡 yuexi
  """

private let yuyao = """
  330281001 梨洲街道 lizhou *
  330281002 凤山街道 fengshan
  330281003 兰江街道 lanjiang
  330281004 阳明街道 yangming
  330281005 低塘街道 ditang
  330281006 朗霞街道 langxia
  330281100 临山镇 linshan
  330281101 黄家埠镇 huangjiabu
  330281102 小曹娥镇 xiaocaoe
  330281103 泗门镇 simen *
  330281106 马渚镇 mazhu *
  330281108 牟山镇 moushan
  330281109 丈亭镇 zhangting
  330281110 三七市镇 sanqishi
  330281111 河姆渡镇 hemudu
  330281112 大隐镇 dayin
  330281113 陆埠镇 lubu
  330281114 梁弄镇 liangnong
  330281115 大岚镇 dalan
  330281116 四明山镇 simingshan
  330281201 鹿亭乡 luting
  """

private let cixi = """
  330282002 宗汉街道 zonghan
  330282003 坎墩街道 kandun
  330282004 浒山街道 hushan *
  330282005 白沙路街道 baishalu
  330282006 古塘街道 gutang
  330282104 掌起镇 zhangqi
  330282107 观海卫镇 guanhaiwei *
  330282108 附海镇 fuhai
  330282109 桥头镇 qiaotou
  330282110 匡堰镇 kuangyan
  330282111 逍林镇 xiaolin
  330282112 新浦镇 xinpu
  330282113 胜山镇 shengshan
  330282114 横河镇 henghe
  330282116 崇寿镇 chongshou
  330282118 庵东镇 andong
  330282120 长河镇 changhe
  330282121 周巷镇 zhouxiang *
  330282123 龙山镇 longshan
  330282402 滨海经济开发区 binhai u
  330282403 高新技术产业园区 gaoxin u
  330282404 环杭州湾创新中心 hangzhouwan u
  330282405 现代农业开发区 xiandainongye u
  330282406 长三角商贸园区 changsanjiao u
  """

private let fenghua = """
  330213001 锦屏街道 jinping *
  330213002 岳林街道 yuelin
  330213003 江口街道 jiangkou
  330213004 西坞街道 xiwu
  330213005 萧王庙街道 xiaowangmiao
  330213006 方桥街道 fangqiao
  330213007 尚田街道 shangtian
  330213008 莼湖街道 chunhu *
  330213100 溪口镇 xikou *
  330213106 裘村镇 qiucun
  330213107 大堰镇 dayan
  330213108 松岙镇 songao
  """
