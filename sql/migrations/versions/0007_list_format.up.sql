-- With which columns a list was made, in their order: [heading, kind] of each, kind `answer` where people fill
-- it in. A copy that comes back is read by it. What went out before this was made with the columns below.
ALTER TABLE report_export ADD COLUMN format TEXT NOT NULL DEFAULT '[
["疑点编号", "text"], ["办理次序", "text"], ["姓名", "text"], ["疑点等级", "text"], ["停领情形", "long"],
["公民身份号码", "text"], ["联系电话", "text"], ["经办机构", "text"], ["申领编号", "text"],
["享受起始年月", "text"], ["疑点事实", "long"], ["不利于认定的事实", "long"], ["数据来源与日期", "long"],
["事由年月", "text"], ["建议停发年月", "text"], ["冲突起止年月", "text"], ["多领月数", "count"],
["已发应退", "money"], ["尚可拦下", "money"], ["计入合计", "long"], ["政策依据", "long"], ["身份比对", "long"],
["提示", "long"], ["状态", "text"], ["首次发现", "date"], ["已过天数", "count"], ["此前处理", "long"],
["核查人", "answer"], ["核查方式", "answer"], ["核查日期", "answer"], ["告知日期", "answer"],
["核查结论", "answer"], ["不属实原因", "answer"], ["停发年月", "answer"], ["应追回金额", "answer"],
["已追回金额", "answer"], ["追回方式", "answer"], ["处理文书号", "answer"], ["复核人", "answer"],
["销号日期", "answer"], ["备注", "answer"]]';
