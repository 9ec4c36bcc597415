namespace Orchestrator.Core.Tests.Definitions;

internal static class Sample
{
    /// <summary>Every key this version reads.</summary>
    public const string Everything = """
        name: sales-nightly
        description: Loads yesterday's sales.
        owner: data@acme.example
        tenant: acme
        project: sales
        labels: {team: data, tier: "1"}
        params:
          day: {type: date, default: "${{ date(now, -1) }}", description: The day to load}
          region: {type: enum, values: [eu, us], required: true}
          limit: 10
          ratio: 1.50
          dry: false
          who: "2026-01-01"
          list: [1, two]
          map: {type: object, default: {a: 1, b: [x]}}
          nothing:
          retries: {type: integer, min: 1, max: 10, default: 3}
          code: {type: string, pattern: "^[a-z]+$", default: abc}
          key: {type: secret, env: API_KEY}
        env: {STAGING: /srv/staging, REGION: "${{ params.region }}"}
        dotenv: [.env, "${{ params.region }}.env"]
        inherit_env: [AWS_REGION, HOME]
        log_output: separate
        keep_run_dir: always
        working_dir: work
        shell: sh
        secrets: {DB_PASSWORD: {file: /run/secrets/db}, TOKEN: {env: API_TOKEN}}
        calendars:
          holidays: {dates: [2026-12-28], yearly: [12-24, "12-25"], weekdays: sun, ranges: [2026-07-01..2026-07-31], ics: holidays.ics}
        triggers:
          - id: pushed
            http: {auth: hmac, secret: TOKEN, window: 1m, max_body: 64KiB, rate: 2.5, burst: 5}
            delivery_id: ${{ trigger.body.id }}
            enabled: true
            params: {region: "${{ trigger.body.region }}", limit: 5}
            debounce: {quiet: 5s, longest: 1m}
          - {id: after, workflow: {name: other, status: [completed, failed]}, params: {region: "${{ default(trigger.run.outputs.region, 'eu') }}"}}
          - {id: ordered, event: {type: [com.acme.order.*, task.failed], source: "/shop*", subject: "A-?"}, params: {region: "${{ trigger.event.data.region }}"}}
          - {id: arrived, files: {path: "inbox/**/*.csv", stable: 30s, once_per: content, interval: 1m, existing: true}, params: {region: "${{ trigger.file.name }}"}}
          - {id: polled, http: {auth: token, secret: TOKEN, header: X-Token}, params: {region: eu}, batch: {max: 10, within: 1m}}
        schedules:
          - {id: nightly, cron: "0 2 * * *", timezone: Europe/Helsinki, params: {region: eu, limit: 5}}
          - {id: hourly, cron: "@hourly", enabled: false}
          - id: payday
            rrule: FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1
            start: 2026-01-01T09:00
            end: 2030-12-31
            timezone: Europe/Helsinki
            dst: {gap: skip, overlap: last}
            calendars: {exclude: [holidays]}
            jitter: 5m
            catchup: {policy: all, window: 2d, max: 3}
            overlap: queue
        concurrency: {group: "sales-${{ params.region }}", max: 2, on_conflict: cancel_running}
        priority: high
        rank: -3
        retry: {max_attempts: 2, initial_delay: 1m, max_delay: 5m}
        sla: {expected: 90m, at_risk: 0.5}
        retention: {age: 30d, count: 1000, bytes: 1.5GiB}
        callbacks: [{url: "https://hooks.example/x", events: [workflow.failed, "task.*"], secret: TOKEN, headers: {X-Team: data}, timeout: 10s, format: job}]
        telemetry: {sample: 0.1}
        report: on_failure
        outputs: {rows: "${{ tasks.check.outputs.rows }}", day: "${{ params.day }} of ${{ run.workflow }}"}
        max_parallel: 8
        fail_fast: false
        on_fail_fast: cancel
        timeout: 2h
        max_worker_losses: 5
        stages: [extract, load]
        defaults: {timeout: 10m, retry: {max_attempts: 3}, working_dir: sub, shell: [dash, -eu, -c], env: {LANG: C}, pool: small, allow_failure: false, idempotent: true, propagate: context, run_when: all_success, log_output: separate}
        tasks:
          - id: fetch
            stage: extract
            run: |
              ./fetch.sh --day ${{ params.day }} > "$STAGING/sales.csv"
            shell: bash
            retry: {max_attempts: 5, initial_delay: 2s, backoff: 1.5, max_delay: 1m, jitter: true, on: {exit_codes: [75, 2], kinds: [timeout, exit_code], http_status: [503, 429], sql_state: ["40001", "08"]}}
            rank: 7
            sla: 5m
            enabled: true
            success_exit_codes: [3, 2]
            log_output: combined
            grace: 2s
            output_limit: 64KiB
            artifacts: [out/*.csv, "log-${{ params.day }}.txt"]
            transform: {rows: "${{ outputs.rows * 2 }}", label: x}
            secret_outputs: [label]
            env: {LANG: en, DAY: "${{ params.day }}", PASSWORD: "${{ secrets.DB_PASSWORD }}"}
          - id: check
            depends_on: [fetch, fetch]
            exec: [./check, --strict, 5]
            outputs: stdout_json
            timeout: 90
          - id: score
            depends_on: check
            delegate: score
            with: {rows: "${{ tasks.check.outputs.rows }}", deep: [1, {x: true}], none: null}
            if: ${{ tasks.check.outputs.rows > 0 }}
            idempotent: false
            propagate: none
            working_dir: other
          - id: load
            stage: load
            depends_on: [score]
            run_when: all_done
            if: tasks.fetch.status == 'completed'
            script: |
              #!/bin/sh
              echo ${{ env.REGION }}
            allow_failure: true
            retry:
            tags: [slow, db]
            metadata: {ticket: 12, docs: {url: "https://acme.example"}}
          - id: route
            depends_on: [check]
            switch: {value: "${{ params.region }}", cases: [{is: eu, then: to-eu}, {is: [us, ca], then: [to-us]}, {matches: "^ap-", then: to-us}], default: to-all}
          - id: to-eu
            depends_on: [route]
            noop: true
          - id: to-us
            depends_on: [route]
            noop: true
          - id: to-all
            depends_on: [route]
            run: echo
          - id: each
            depends_on: [check]
            foreach: {items: "${{ tasks.check.outputs.parts }}", as: part, max_parallel: 3, on_failure: ignore}
            pool: big
            exec: [./part, "${{ part.name }}", "${{ item.size }}"]
          - id: grid
            matrix: {os: [linux, windows], version: "${{ params.list }}", exclude: [{os: windows, version: 1}], max_parallel: 4, on_failure: stop}
            http: {method: put, url: "https://acme.example/${{ matrix.os }}", headers: {Authorization: "Bearer ${{ secrets.TOKEN }}"}, json: {v: "${{ matrix.version }}", deep: [1, null]}, expect: [200, 2XX, 404-410], save: "a/${{ matrix.os }}.json"}
          - {id: form, http: {method: POST, url: "http://x", form: {a: b}}}
          - {id: text, http: {method: POST, url: "http://x", body: "${{ params.day }}"}}
          - {id: get, http: "https://acme.example/ready"}
          - {id: query, sql: {connection: warehouse, query: "select * from t where day = @day", params: {day: "${{ params.day }}", password: "${{ secrets.TOKEN }}"}, max_rows: 10, statement_timeout: 30s}}
          - {id: rows, sql: {connection: warehouse, query: "select 1", csv: rows.csv}}
          - {id: insert, sql: {connection: warehouse, execute: "delete from t"}}
          - {id: both, sql: {connection: warehouse, transaction: ["delete from a", "delete from b"]}}
          - {id: file, sql: {connection: warehouse, file: "sql/${{ params.region }}.sql"}}
          - {id: box, container: {image: "alpine:${{ params.limit }}", command: [date, "-u"], entrypoint: /bin/busybox, volumes: ["./data:/data:ro"], workdir: /data, network: none, user: "1000:1000", pull: always, engine: podman}}
          - {id: child, workflow: {name: other, params: {day: "${{ params.day }}", n: 1}, wait: false}}
          - {id: child2, workflow: other, params: {day: x}}
          - {id: nap, wait: 90}
          - {id: nap2, wait: {for: "${{ params.limit }}"}}
          - {id: until, wait: {until: "2026-12-24T18:00:00+02:00"}}
          - {id: signal, wait: {event: payment.received}}
          - {id: poll, wait: {poll: {http: {url: "http://x/ready", expect: 200}, if: "${{ outputs.status == 200 }}", interval: 1s, backoff: 2, max_interval: 1m}}}
          - {id: poll2, wait: {poll: {run: "print(1)", shell: [python3, -c], interval: 1s}}}
          - {id: ask, approval: {prompt: "Load ${{ params.day }}?", fields: {why: {required: true, description: Reason}, rows: 5}, approvers: [ann, bob], required: 2, role: admin, expires: 1d}}
          - {id: ask2, approval: "Go on?"}
          - {id: done, depends_on: [load], noop: }
        handlers:
          on_success: [{id: cheer, run: echo "$LANG"}]
          on_failure:
            - {id: page, exec: [./page, "${{ run.outcome }}", "${{ run.error }}", "${{ join(run.failed_tasks, ',') }}", "${{ tasks.fetch.status }}"], env: {TRACE: "${{ run.trace_id }}"}}
          on_cancel: [{id: undo, workflow: undo-sales}]
          finally: [{id: tidy, script: "#!/bin/sh\nrm -rf $STAGING", allow_failure: true}]
        """;
}
