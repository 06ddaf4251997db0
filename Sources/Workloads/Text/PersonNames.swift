import Primitives

/// Composes personal names: surname shares of the nation raised for Ningbo's frequent ones, given names by decade and
/// sex from our own lists of syllables and a few names known to be frequent.
enum PersonNames {
  /// A name for someone born in `birthYear`.
  static func compose(birthYear: Int, isFemale: Bool, _ random: inout SeededRandom) -> String {
    let surname = surnames.draw(&random)
    let era = eras[eraIndex(birthYear)]
    let style = isFemale ? era.women : era.men
    if random.chance(permille: 90) { return surname + random.pick(style.frequent) }
    if random.chance(permille: style.singlePermille) { return surname + random.pick(style.second) }
    return surname + random.pick(style.first) + random.pick(style.second)
  }

  /// A name for a grown-up of whom nothing else is recorded (a contact, a sponsor).
  static func composeAny(_ random: inout SeededRandom) -> String {
    compose(birthYear: 1935 + random.below(45), isFemale: random.chance(permille: 250), &random)
  }

  private static func eraIndex(_ birthYear: Int) -> Int {
    switch birthYear {
    case ..<1940: 0
    case ..<1950: 1
    case ..<1960: 2
    case ..<1970: 3
    case ..<1980: 4
    default: 5
    }
  }

  private struct Style: Sendable {
    let first: [String]
    let second: [String]
    let frequent: [String]
    let singlePermille: Int

    init(_ first: String, _ second: String, _ frequent: String, single: Int) {
      self.first = first.map(String.init)
      self.second = second.map(String.init)
      self.frequent = frequent.split(separator: " ").map(String.init)
      singlePermille = single
    }
  }

  private struct Era: Sendable {
    let men: Style
    let women: Style
  }

  private static let eras: [Era] = [
    Era(
      men: Style(
        "阿德福根海金锦嘉连龙茂明启庆仁荣如瑞善绍生顺松土维文祥兴信杏尧永有元圆云再增正志忠仲祖", "宝昌成法福根贵海和槐金钧康良林禄茂年品清泉仁荣瑞生寿水松堂棠土旺祥兴耀裕元岳章祯志忠",
        "阿毛 明德 德法 金生 阿根 根生 福根 水根 和尚 忠良", single: 50),
      women: Style(
        "阿爱宝彩翠德凤桂荷惠金菊兰莲玲梅妙美巧庆如瑞赛珊素桃夏仙香小信杏秀雪亚银瑛玉月云珍", "宝翠娣娥凤芬花华娟菊君兰莲玲梅妹囡琴清仙香杏秀英瑛玉月云珍珠竹",
        "秀英 桂英 秀兰 阿花 凤仙 月英 阿香 彩凤 杏花", single: 60)),
    Era(
      men: Style(
        "炳成传德定福高根国海汉恒洪华惠吉家建金锦景均开康坤立良林隆明能宁培启庆全如瑞善绍胜世守书顺思松天维文锡贤祥孝兴学雪岩耀业一永有裕元云在泽长振正志中忠宗祖",
        "安宝斌昌成潮初春达定发法方芳福富刚高根光贵国海汉浩宏华辉吉江金军钧康宽坤乐利良林龙隆茂明年培鹏平奇强青清庆泉群荣山绍生胜寿顺松涛万维伟文武贤祥信兴雄耀义毅永友裕岳跃云章长昭振正忠舟",
        "建国 国华 德明 志明 明 忠明 国良 德良", single: 90),
      women: Style(
        "爱宝彩春翠德凤桂国荷红惠慧吉佳金菊君兰丽莲琳玲梅妙美明佩萍琴青如瑞赛善淑素桃文夏仙香小杏秀雪雅亚燕银英瑛玉月云珍志",
        "爱宝春翠娣娥芳飞芬凤国荷红花华慧娟菊君兰丽莲琳玲曼梅妹敏佩平萍琴青清蓉珊仙香新杏秀雅燕意银英瑛玉媛月云珍芝珠",
        "秀英 桂英 秀兰 玉兰 桂兰 秀珍 凤英 玉英", single: 90)),
    Era(
      men: Style(
        "爱安保炳伯昌成春达德定东恩方福富刚国海浩和鸿宏洪华吉继加家建金锦景俊开康科力立利良亮林龙茂民明能培鹏平启庆全仁荣瑞善绍胜世守书舜顺思松天廷维伟文武锡先祥晓孝新兴学雅亚言彦艳耀益毅银永友余宇玉裕远跃云再"
          + "泽增长振正志中忠宗祖",
        "安斌兵波昌潮成诚初春达道德东栋芳飞锋富刚光国海汉浩宏虹华辉惠吉江杰金锦军钧俊凯康科坤乐雷力立利良亮林龙隆茂民敏明宁农培鹏平其奇强青清庆权全泉群仁荣瑞森山胜世寿涛通伟卫文武贤祥晓新信兴雄岩炎耀一义艺毅英"
          + "永勇友余岳跃云泽章昭振正志忠舟",
        "建国 建华 国华 明 德明 军 志明 建平 伟民", single: 130),
      women: Style(
        "爱宝碧冰彩春翠丹德凤国海红鸿虹华惠慧吉佳金锦菊君莉丽莲林玲美明佩平萍琴青庆秋如瑞赛珊善淑舒素桃维文霞夏仙香晓小杏秀旭雪雅亚艳燕银英瑛玉月悦云珍芝志",
        "爱波春翠丹娣娥芳飞芬凤红虹花华惠慧吉佳嘉娟菊军君兰岚莉丽利莲琳玲曼梅美妹敏明娜妮佩平萍琪琴青清蓉珊素霞仙娴香晓欣秀旭雪雅亚艳燕仪怡意茵银英莹瑛颖玉媛月云珍芝珠",
        "秀英 桂英 秀兰 玉兰 桂兰 秀珍 凤英 建芬", single: 140)),
    Era(
      men: Style(
        "安邦斌波伯昌朝承诚春聪达东栋恩方飞福富刚光国海浩宏洪华吉继加家嘉建健剑江金锦景敬君军俊开凯科克坤乐雷立利力良亮林龙茂孟民明宁培鹏平齐启庆全群仁荣瑞善绍胜世书舜松天维伟卫文武锡先祥向晓孝新兴旭学雪亚彦雁"
          + "耀一益毅英永勇友余宇雨玉裕远跃云泽长哲珍振正志中忠仲子",
        "斌兵波昌潮成诚春聪达丹东栋敦恩飞丰锋刚光国海浩红宏虹洪华辉惠吉继江杰金锦军钧君俊凯康科可坤乐磊雷力立利良亮林龙隆民敏明鸣宁鹏平奇强青清庆权泉群荣瑞森山松涛腾伟卫文武贤祥晓新信兴雄炎耀一义毅寅英永勇友宇"
          + "玉跃云泽章哲昭振正志忠舟",
        "军 勇 伟 建国 建华 建军 平 国平 志强", single: 180),
      women: Style(
        "爱碧冰彩春翠丹东芳飞凤国海红虹华惠慧吉佳剑建金菊君军可兰莉丽利莲林玲梅美敏明佩平萍琪琴青庆秋如瑞赛珊善淑舒素维卫文霞夏仙香晓小新杏秀旭雪雅亚艳燕怡银英瑛颖永玉月越云珍芝志",
        "波春翠丹娣娥芳飞芬峰凤红虹华惠慧佳娟菊军君兰岚莉丽利莲琳玲曼梅美妹敏明娜妮佩平萍琪琴青清蓉珊素婷霞仙娴香晓欣秀旭雪雅亚艳燕怡意茵银英莹瑛颖瑜玉媛月云珍芝珠",
        "秀英 桂英 英 玉兰 秀兰 萍 玉梅 亚萍 红英", single: 180)),
    Era(
      men: Style(
        "安斌波伯超朝承诚春聪达东栋恩方飞丰锋富刚光国海浩宏洪华辉继加佳家嘉建健剑江杰金锦京景敬靖君军俊骏开凯科可坤雷磊立利力良亮林凌龙路孟民敏明铭宁培鹏平奇启庆权全群仁荣瑞善绍少胜世书松天庭威维伟卫文武锡贤祥"
          + "翔向晓孝新信兴旭学雪亚炎彦阳耀一益毅英永勇优友余宇雨玉煜裕远跃云泽长哲振正志智中忠仲卓子",
        "斌兵波博超潮辰成诚驰春聪达丹东栋恩帆飞丰锋刚光国海浩宏虹华辉慧吉继剑健江杰捷军钧君俊峻凯康科可坤磊雷力立利良亮林龙民敏明鸣宁鹏平齐奇强青清庆权泉群荣瑞森珊绍涛挺巍维伟卫炜文武贤祥翔晓欣新兴雄旭岩炎阳耀"
          + "一义艺毅寅英勇友宇玉煜跃云泽章哲珍振正志舟",
        "勇 军 伟 强 涛 刚 建军 海波 建波", single: 260),
      women: Style(
        "爱碧冰彩春丹冬芳飞凤海涵红虹华惠慧吉佳嘉建金晶静菊君珏可岚莉丽利莲玲凌璐梅美苗敏明佩平萍琪琴青晴秋如瑞赛珊善淑舒素婷维薇文霞夏仙香晓小欣新杏秀旭雪雅亚艳燕怡逸银英莹颖咏玉月悦越云珍芝志",
        "波冰春翠丹儿娥芳飞菲芬凤红虹华惠慧佳娟洁晶静菊君珺兰岚磊蕾莉丽利莲琳玲璐曼梅美敏明娜妮佩平萍琪琴青清晴蓉珊素婷薇霞娴香晓欣秀旭雪雅亚艳燕怡意茵银英莹瑛颖瑜宇玉媛月云珍芝珠",
        "丽 艳 敏 芳 静 红梅 霞 亚萍 海燕", single: 260)),
    Era(
      men: Style(
        "安斌博超辰晨承诚驰楚聪达东栋恩方飞锋刚冠光国海涵翰瀚昊浩皓宏鸿华辉慧吉继佳家嘉建健剑江杰金津锦京晶景靖炯俊峻骏凯科可坤乐雷磊力立利良亮林凌龙鲁璐明铭宁培鹏平齐奇启千乾钦勤庆权群仁荣瑞森尚绍少升圣胜盛世"
          + "书舒帅硕思松天霆维伟炜文武希曦贤翔向晓笑孝欣新鑫星兴旭轩学雪亚炎彦阳洋耀一逸毅奕意寅英永勇优宇雨玉煜裕远越云泽展哲振正志智中忠钟卓子",
        "斌波博超辰晨成诚驰聪达丹东栋帆飞锋刚光国海翰杭浩皓恒宏华辉吉佳嘉剑健杰捷锦晶军钧君俊峻骏凯科可坤乐雷磊力立利良亮琳霖龙路璐民敏明铭宁鹏平奇琦强清庆泉群荣瑞森珊涛腾挺巍维伟炜文武曦贤翔晓笑欣鑫星雄旭炎彦"
          + "阳杨洋耀一艺逸毅奕寅英瑛勇宇煜远岳跃越云泽哲珍振正志舟",
        "伟 磊 勇 超 涛 强 鹏 杰", single: 300),
      women: Style(
        "爱安白碧冰彩灿超晨楚春丹丁冬朵方飞菲斐芬凤海涵寒杭红虹华怀欢惠慧吉佳嘉建娇皎杰洁金津瑾晶婧静娟君可蕾莉丽俐莲玲凌璐露梦苗妙敏明娜妮佩平萍琪琦倩沁青清晴琼秋如瑞赛珊诗书淑舒双思素婷彤维薇玮蔚文汶雯希曦霞"
          + "夏贤晓小笑欣星秀旭璇雪雅亚嫣妍艳燕阳瑶一依怡逸亦艺意银吟盈莹颖映咏优羽雨玉钰媛月悦越云芸珍知芝姿紫",
        "冰波灿超晨春丹儿帆芳飞菲芬枫凤红虹华欢慧吉佳嘉娇洁瑾晶晶靖静娟君珺可蓝岚乐蕾黎莉丽俐琳玲璐露曼媚萌苗敏明鸣娜妮宁佩萍琪琦茜倩琴青清晴蓉瑞珊诗素婷彤薇维玮雯曦霞娴晓笑欣馨旭萱璇雪雅亚烟嫣妍艳燕漾瑶叶怡仪"
          + "依奕逸忆艺意茵音吟银莹颖映瑜宇雨玉媛月悦云芸珍芝枝姿",
        "静 丽 娟 艳 燕 敏 娜 婷婷 丹丹", single: 300)),
  ]

  /// Per myriad; 陈 王 张 胡 徐 周 林 沈 叶 raised 1.3–2 times for Ningbo.
  private static let surnames: Weighted<String> = {
    let common = """
      王974 李737 张914 刘320 陈912 杨337 黄235 赵211 吴240 周333 徐285 孙186 朱192 马131 胡240 郭115 何147 高104 罗99 林166
      郑141 梁64 谢105 宋73 唐72 韩64 许94 冯83 邓42 曹62 彭39 曾37 肖37 田44 董83 袁72 于51 潘81 蒋99 杜49 蔡79 余88 程47
      魏46 叶92 吕55 丁75 苏45 任53 沈84 姚72 卢66 傅60 钟40 姜62 崔28 谭22 廖24 范52 汪74 陆88 金86 石42 戴66 贾25 韦12
      夏58 邱56 方62 侯24 邹28 熊18 孟26 秦28 白16 江41 阎12 薛26 尹20 段12 雷14 黎10 史46 龙12 陶40 贺38 顾52 毛58 郝9
      龚38 邵66 万32 钱56 严54 赖8 覃4 洪44 武10 莫18 孔24 汤38 虞48 竺32 励28 忻26 裘30 闻20 应64 楼36 鲍44 乐26 包34 舒26
      翁42 柴30 柳18 屠28 诸26 葛40 童52 俞68 施48 费20 岑24 宓14 华26 章42 倪38 庄24 水8 仇22 郁12 奚10 项26 盛28 景8 桑10
      滕14 褚18 劳12 阮26 茅14 符6 祝18 骆14 单14 边10 胥4 欧阳7 司徒2 上官2 诸葛3
      """
    let pairs = common.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { entry in
      // Not isNumber: 万 is a surname and a number.
      let name = entry.prefix { !$0.isASCII }
      return (String(name), Int(entry.dropFirst(name.count)) ?? 1)
    }
    return Weighted(pairs)
  }()
}
