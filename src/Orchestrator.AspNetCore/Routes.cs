using Orchestrator.AspNetCore.Backfills;
using Orchestrator.AspNetCore.Documents;
using Orchestrator.AspNetCore.Events;
using Orchestrator.AspNetCore.Local;
using Orchestrator.AspNetCore.Runs;
using Orchestrator.AspNetCore.Schedules;
using Orchestrator.AspNetCore.Statistics;
using Orchestrator.AspNetCore.Status;
using Orchestrator.AspNetCore.Why;
using Orchestrator.AspNetCore.Workflows;

namespace Orchestrator.AspNetCore;

/// <summary>Every resource of the API.</summary>
internal static class Routes
{
    public static void Map(IEndpointRouteBuilder routes, ApiParts parts)
    {
        if (parts.Health) HealthEndpoints.Map(routes);
        if (parts.Metrics) MetricsEndpoint.Map(routes, parts.Scrape);
        if (parts.OpenApi) DocumentEndpoints.Map(routes);
        WorkflowEndpoints.Map(routes);
        ScheduleEndpoints.Map(routes);
        BackfillEndpoints.Map(routes);
        ScheduleActionEndpoints.Map(routes);
        RunNowEndpoint.Map(routes);
        LookEndpoint.Map(routes);
        RunEndpoints.Map(routes);
        WhyEndpoints.Map(routes);
        StatisticsEndpoints.Map(routes);
        EventStreamEndpoints.Map(routes);
        ArtifactEndpoints.Map(routes);
        AnswerEndpoints.Map(routes);
        RetryEndpoints.Map(routes);
        LocalEndpoints.Map(routes);
        DeadLetterEndpoints.Map(routes);
        Triggers.TriggerEndpoints.Map(routes);
        Triggers.TriggerListEndpoints.Map(routes);
        Triggers.EventEndpoints.Map(routes);
    }
}
