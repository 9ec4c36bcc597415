using Orchestrator.Engine.Telemetry.Prometheus;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Telemetry;

public sealed class PrometheusNameTests
{
    [Theory]
    [InlineData("cicd.pipeline.run.duration", "s", false, "cicd_pipeline_run_duration_seconds")]
    [InlineData("cicd.pipeline.run.active", "{run}", true, "cicd_pipeline_run_active")]
    [InlineData("orchestrator.task.retries", "{retry}", false, "orchestrator_task_retries")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", false, "dotnet_gc_heap_total_allocated_bytes")]
    [InlineData("things.total", "", false, "things")]
    [InlineData("used", "1", true, "used_ratio")]
    [InlineData("used", "1", false, "used")]
    [InlineData("wait.seconds", "s", true, "wait_seconds")]
    [InlineData("rate", "By/s", true, "rate_bytes_per_second")]
    [InlineData("rate", "{request}/s", true, "rate_per_second")]
    [InlineData("3d..x--y", "", true, "_3d_x_y")]
    public void A_name_is_translated_as_collectors_do(string name, string unit, bool isGauge, string expected) =>
        PrometheusName.Family(name, unit, isGauge).Name.ShouldBe(expected);

    [Fact]
    public void A_label_has_no_dots_and_no_colons() => PrometheusName.Label("a.b:c").ShouldBe("a_b_c");
}
