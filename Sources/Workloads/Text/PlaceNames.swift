import Primitives

/// Composes names of villages, communities, units, roads and addresses from our own syllables.
enum PlaceNames {
  static func village(_ random: inout SeededRandom) -> String {
    switch random.below(10) {
    case 0...3: random.pick(positions) + random.pick(clans) + random.pick(["", "", "家"]) + "村"
    case 4...7: random.pick(clans) + random.pick(["", "家"]) + random.pick(landforms) + "村"
    default: random.pick(wishes) + random.pick(landforms) + "村"
    }
  }

  static func community(_ random: inout SeededRandom) -> String {
    random.pick(wishes) + random.pick(["园", "苑", "桥", "湖", "塘", "新村", "花园", "里", "城", "庭"]) + "社区"
  }

  static func brand(_ random: inout SeededRandom) -> String { random.pick(brandFirst) + random.pick(brandSecond) }

  static func road(_ random: inout SeededRandom) -> String {
    random.pick(wishes) + random.pick(["路", "路", "街", "巷", "弄", "东路", "西路", "南路", "北路"])
  }

  static func product(_ random: inout SeededRandom) -> String { random.pick(products) }

  private static let positions = "上下东西南北前后大小新老里外中".map(String.init)
  private static let clans = "王张陈李周徐胡林沈叶朱吴杨郑孙钱俞应史陆汪方夏邱童翁葛施毛邵严虞竺励裘鲍包舒柴柳屠章傅姚蒋谢冯戴金孔袁范".map(String.init)
  private static let landforms = "岙桥塘埠漕浦山溪坑岭堰洋湾渡墩田屿潭头峰井".map(String.init)
  private static let wishes = """
    安平 永宁 兴隆 新民 联丰 前进 红旗 胜利 和平 光明 东风 建设 文昌 朝阳 青林 翠柏 云龙 白鹤 明月 天一 甬江 四明 云石 高塘 清泉 金鸡 锦绣 \
    长春 丹凤 柳汀 华严 演武 庆丰 徐戎 潜龙 芝兰 甬水 孔雀 繁荣 常青 百合 紫荆 桂花 梅园 兰亭 双桥 镇明 灵桥 药行 槐树 永丰 新芝 盐仓 孝闻
    """.split(separator: " ").map(String.init)
  private static let brandFirst = "华海东天宏金永恒新大德信方舟甬明康福利盛达立安凯博中三联泰富雅慈姚奉象".map(String.init)
  private static let brandSecond = "达隆兴盛丰源泰昌茂祥瑞通利鑫峰诚业力邦凌腾晟和美佳誉成光升港波洋龙".map(String.init)
  private static let products = [
    "服饰", "针织", "电器", "模具", "轴承", "塑料", "五金", "机械", "文具", "汽车配件", "紧固件", "化工", "食品", "纸业", "电子", "家具", "制衣", "气动元件",
    "铜业", "建材", "水产", "船舶", "灯具", "印刷", "磁材", "密封件", "电机", "阀门", "仪表", "纺织",
  ]
}
