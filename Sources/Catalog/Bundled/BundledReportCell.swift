extension BundledCatalog {
  /// Entity `report_cell`: what is keyed into a report where the catalog has no items to count. A record like any
  /// other: owned by the organisation that keyed it in, validated, logged, carried upward, and summed there. The bound
  /// of a value keeps the sum over a nation's organisations within 64 bits.
  static let reportCell = #"""
    entity report_cell 7 统计补录 | Keyed report cell
      owner org_id
      key org_id form_id report_year row_id column_id
      index 1 org org_id
      relation org reference org_id
      system form_id text required A 表号 | Form
        refuse len(form_id) in {1..16} | 表号应为1至16个字 | The form's id has 1 to 16 characters
      system report_year int required A 统计年度 | Year
        refuse report_year in {1921..9999} | 统计年度应为4位年份 | The year has four digits
      system row_id text required A 行 | Row
        refuse len(row_id) in {1..32} | 行标识应为1至32个字 | The row's id has 1 to 32 characters
      system column_id text required A 列 | Column
        refuse len(column_id) in {1..32} | 列标识应为1至32个字 | The column's id has 1 to 32 characters
      system cell_value int required A 数值 | Value
        refuse cell_value in {0..100000000000} | 数值应在0至1000亿之间 | The value lies outside 0 to 100,000 millions
      system cell_note text optional A 说明 | Note
        refuse len(cell_note) <= 500 | 说明不能超过500个字 | The note has more than 500 characters
      system keyed_by text required A 填报人 | Keyed in by
        refuse len(keyed_by) in {1..30} | 填报人应为1至30个字 | The author's name has 1 to 30 characters
      system keyed_on date required A 填报日期 | Keyed in on
        refuse keyed_on <= today | 填报日期不能晚于今天 | Keyed in in the future
      system org_id ref:org required A 填报党组织 | Organisation that keyed it in
        later references | The record exists somewhere in the network.
    """#
}
