global using Orchestrator.Engine.Journal.Jsonl;
