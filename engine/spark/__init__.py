"""Data sets queried on Apache Spark (在 Spark 集群上查询): what an indicator says in DuckDB's SQL, said in Spark's and run there."""
