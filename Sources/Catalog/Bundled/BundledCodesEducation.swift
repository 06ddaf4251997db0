extension BundledCatalog {
  /// Codes of education and degrees.
  static let codesEducation = #"""
    codes EDU
      10 研究生教育 | Postgraduate education
      11 博士研究生毕业 | Doctoral programme, graduated
      12 博士研究生结业 | Doctoral programme, completed
      13 博士研究生肄业 | Doctoral programme, not completed
      14 硕士研究生毕业 | Master programme, graduated
      15 硕士研究生结业 | Master programme, completed
      16 硕士研究生肄业 | Master programme, not completed
      17 研究生班毕业 | Postgraduate class, graduated
      18 研究生班结业 | Postgraduate class, completed
      19 研究生班肄业 | Postgraduate class, not completed
      20 大学本科教育 | Undergraduate education
      21 大学本科毕业 | Undergraduate, graduated
      22 大学本科结业 | Undergraduate, completed
      23 大学本科肄业 | Undergraduate, not completed
      28 大学普通班毕业 | Ordinary university class, graduated
      30 大学专科教育 | Junior college education
      31 大学专科毕业 | Junior college, graduated
      32 大学专科结业 | Junior college, completed
      33 大学专科肄业 | Junior college, not completed
      40 中等职业教育 | Secondary vocational education
      41 中等专科毕业 | Secondary specialised, graduated
      42 中等专科结业 | Secondary specialised, completed
      43 中等专科肄业 | Secondary specialised, not completed
      44 职业高中毕业 | Vocational high school, graduated
      45 职业高中结业 | Vocational high school, completed
      46 职业高中肄业 | Vocational high school, not completed
      47 技工学校毕业 | Skilled-worker school, graduated
      48 技工学校结业 | Skilled-worker school, completed
      49 技工学校肄业 | Skilled-worker school, not completed
      60 普通高级中学教育 | Senior high school education
      61 普通高中毕业 | Senior high school, graduated
      62 普通高中结业 | Senior high school, completed
      63 普通高中肄业 | Senior high school, not completed
      70 初级中学教育 | Junior high school education
      71 初中毕业 | Junior high school, graduated
      73 初中肄业 | Junior high school, not completed
      80 小学教育 | Primary education
      81 小学毕业 | Primary school, graduated
      83 小学肄业 | Primary school, not completed
      90 其他 | Other
    codes EDU_STAT
      1 研究生 | Postgraduate = EDU 1x
      2 大学本科 | Undergraduate = EDU 2x
      3 大学专科 | Junior college = EDU 3x
      4 中专 | Secondary specialised = EDU 40-43
      5 高中、中技 | High and skilled-worker school = EDU 44-49 and 6x
      6 初中及以下 | Junior high or below = EDU 7x 8x 9x
    codes EDU_MODE
      1 全日制教育 | Full-time
      2 在职教育 | In-service
      3 党校教育 | Party school
      9 其他 | Other
    codes DEGREE
      1 名誉博士 | Honorary doctor
      2 博士 | Doctor (group)
      201 哲学博士学位 | Doctor of philosophy
      202 经济学博士学位 | Doctor of economics
      203 法学博士学位 | Doctor of law
      204 教育学博士学位 | Doctor of education
      205 文学博士学位 | Doctor of literature
      206 历史学博士学位 | Doctor of history
      207 理学博士学位 | Doctor of science
      208 工学博士学位 | Doctor of engineering
      209 农学博士学位 | Doctor of agriculture
      210 医学博士学位 | Doctor of medicine
      211 军事学博士学位 | Doctor of military science
      212 管理学博士学位 | Doctor of management
      245 临床医学博士专业学位 | Professional doctor, clinical medicine
      248 兽医博士专业学位 | Professional doctor, veterinary medicine
      250 口腔医学博士专业学位 | Professional doctor, stomatology
      3 硕士 | Master (group)
      301 哲学硕士学位 | Master of philosophy
      302 经济学硕士学位 | Master of economics
      303 法学硕士学位 | Master of law
      304 教育学硕士学位 | Master of education
      305 文学硕士学位 | Master of literature
      306 历史学硕士学位 | Master of history
      307 理学硕士学位 | Master of science
      308 工学硕士学位 | Master of engineering
      309 农学硕士学位 | Master of agriculture
      310 医学硕士学位 | Master of medicine
      311 军事学硕士学位 | Master of military science
      312 管理学硕士学位 | Master of management
      341 法律硕士专业学位 | Juris master
      342 教育硕士专业学位 | Master of education (professional)
      343 工程硕士专业学位 | Master of engineering (professional)
      344 建筑学硕士专业学位 | Master of architecture
      345 临床医学硕士专业学位 | Master of clinical medicine
      346 工商管理硕士专业学位 | Master of business administration
      347 农业推广硕士专业学位 | Master of agricultural extension
      348 兽医硕士专业学位 | Master of veterinary medicine
      349 公共管理硕士专业学位 | Master of public administration
      350 口腔医学硕士专业学位 | Master of stomatology
      351 公共卫生硕士专业学位 | Master of public health
      352 军事硕士专业学位 | Master of military affairs
      4 学士 | Bachelor (group)
      401 哲学学士学位 | Bachelor of philosophy
      402 经济学学士学位 | Bachelor of economics
      403 法学学士学位 | Bachelor of law
      404 教育学学士学位 | Bachelor of education
      405 文学学士学位 | Bachelor of literature
      406 历史学学士学位 | Bachelor of history
      407 理学学士学位 | Bachelor of science
      408 工学学士学位 | Bachelor of engineering
      409 农学学士学位 | Bachelor of agriculture
      410 医学学士学位 | Bachelor of medicine
      411 军事学学士学位 | Bachelor of military science
      412 管理学学士学位 | Bachelor of management
      444 建筑学学士专业学位 | Bachelor of architecture
    """#
}
