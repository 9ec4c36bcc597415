using Orchestrator.Engine.Telemetry.Metrics;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

public sealed class NameLimitTests
{
    [Fact]
    public void The_first_names_become_labels_and_the_rest_one_visible_mark()
    {
        var names = new NameLimit(workflows: 2, tasks: 1);
        Text(names.Task("a", "x")).ShouldBe("cicd.pipeline.name=a cicd.pipeline.task.name=x");
        Text(names.Task("a", "y")).ShouldBe("cicd.pipeline.name=a otel.metric.overflow=True");
        names.Workflow("b").Value.ShouldBe("b");
        Text(names.Task("c", "x")).ShouldBe("otel.metric.overflow=True");
        Text(names.Task("a", "x")).ShouldBe("cicd.pipeline.name=a cicd.pipeline.task.name=x", "what was named stays named");
        names.Workflows.ShouldBe(["a", "b"], ignoreOrder: true);
    }

    private static string Text(IEnumerable<KeyValuePair<string, object?>> labels) => string.Join(' ', labels.Select(l => $"{l.Key}={l.Value}"));
}
