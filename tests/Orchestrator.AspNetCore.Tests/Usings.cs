global using Orchestrator.Engine.Files;
global using Orchestrator.Engine.Journal.Jsonl;
global using Orchestrator.Engine.Journal.Jsonl.Feed;
global using Shouldly;
global using Xunit;
