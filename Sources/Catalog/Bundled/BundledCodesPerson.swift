extension BundledCatalog {
  /// Codes of persons.
  static let codesPerson = #"""
    codes SEX
      0 未知的性别 | Unknown
      1 男 | Male
      2 女 | Female
      9 未说明的性别 | Not stated
    codes NATION
      01 汉族 | Han
      02 蒙古族 | Mongol
      03 回族 | Hui
      04 藏族 | Zang (Tibetan)
      05 维吾尔族 | Uygur
      06 苗族 | Miao
      07 彝族 | Yi
      08 壮族 | Zhuang
      09 布依族 | Buyei
      10 朝鲜族 | Chosen (Korean)
      11 满族 | Man
      12 侗族 | Dong
      13 瑶族 | Yao
      14 白族 | Bai
      15 土家族 | Tujia
      16 哈尼族 | Hani
      17 哈萨克族 | Kazak
      18 傣族 | Dai
      19 黎族 | Li
      20 傈僳族 | Lisu
      21 佤族 | Va
      22 畲族 | She
      23 高山族 | Gaoshan
      24 拉祜族 | Lahu
      25 水族 | Sui
      26 东乡族 | Dongxiang
      27 纳西族 | Naxi
      28 景颇族 | Jingpo
      29 柯尔克孜族 | Kirgiz
      30 土族 | Tu
      31 达斡尔族 | Daur
      32 仫佬族 | Mulao
      33 羌族 | Qiang
      34 布朗族 | Blang
      35 撒拉族 | Salar
      36 毛南族 | Maonan
      37 仡佬族 | Gelao
      38 锡伯族 | Xibe
      39 阿昌族 | Achang
      40 普米族 | Pumi
      41 塔吉克族 | Tajik
      42 怒族 | Nu
      43 乌孜别克族 | Uzbek
      44 俄罗斯族 | Russ
      45 鄂温克族 | Ewenki
      46 德昂族 | Deang
      47 保安族 | Bonan
      48 裕固族 | Yugur
      49 京族 | Gin
      50 塔塔尔族 | Tatar
      51 独龙族 | Derung
      52 鄂伦春族 | Oroqen
      53 赫哲族 | Hezhen
      54 门巴族 | Monba
      55 珞巴族 | Lhoba
      56 基诺族 | Jino
      97 其他 | Other (unidentified)
      98 外国血统中国籍人士 | Chinese citizen of foreign descent
    codes MARITAL
      10 未婚 | Single
      20 已婚 | Married
      21 初婚 | First marriage
      22 再婚 | Remarried
      23 复婚 | Remarried to former spouse
      30 丧偶 | Widowed
      40 离婚 | Divorced
      90 未说明的婚姻状况 | Not stated
    codes HEALTH
      1 健康或良好 | Healthy or good
      2 一般或较弱 | Average or weak
      3 有慢性病 | Chronic disease
      6 残疾 | Disabled
    codes POLITICAL
      01 中国共产党党员 | CPC member
      02 中国共产党预备党员 | CPC probationary member
      03 中国共产主义青年团团员 | Communist Youth League member
      04 中国国民党革命委员会会员 | Revolutionary Committee of the Kuomintang
      05 中国民主同盟盟员 | China Democratic League
      06 中国民主建国会会员 | China National Democratic Construction Association
      07 中国民主促进会会员 | China Association for Promoting Democracy
      08 中国农工民主党党员 | Chinese Peasants and Workers Democratic Party
      09 中国致公党党员 | China Zhi Gong Party
      10 九三学社社员 | Jiusan Society
      11 台湾民主自治同盟盟员 | Taiwan Democratic Self-Government League
      12 无党派民主人士 | Person without party affiliation
      13 群众 | Ordinary citizen
    """#
}
