"""What is kept on disk (结果库与运行记录): the results, a run's record, what need not be worked out again."""
