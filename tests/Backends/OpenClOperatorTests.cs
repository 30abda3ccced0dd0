using System.Collections.Concurrent;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Planning;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every case of an operator on OpenCL devices, against the operator's definition; what a device rejects is in <see cref="OpenClGaps"/>.</summary>
public class OpenClOperatorTests
{
    /// <summary>Cases whose kernels are compiled together: drivers take long to begin with a program.</summary>
    private const int Together = 16;

    private static readonly string[] Names = [.. OperatorCases.Names];

    private static readonly ConcurrentDictionary<(string Driver, int Part), Lazy<bool>> Prepared = new();

    public static TheoryData<string, string> Cases => [.. from driver in OpenClDrivers.Names from name in OperatorCases.Names select (driver, name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_definition(string driver, string name)
    {
        OpenClBackend backend = OpenClDrivers.Open(driver);
        int part = Array.IndexOf(Names, name) / Together;
        Assert.True(Prepared.GetOrAdd((driver, part), key => new(() => Prepare(driver, backend, [.. Names.Skip(key.Part * Together).Take(Together)]))).Value);
        DeviceOperator.Check(name, driver, backend, OpenClGaps.Reason(OperatorCases.All[name]), backend.GpuTraits, program => backend.Compile(program));
    }

    private static bool Prepare(string driver, OpenClBackend backend, string[] names)
    {
        var programs = new List<GpuProgram>();
        foreach (string name in names)
        {
            ExecutionPlan plan = Planner.Plan(OperatorCases.All[name].Graph());
            if (backend.Reject(plan, plan.Steps[0]) is not null) continue;
            int ways = DeviceOperator.Ways(driver, GpuProgram.Lower(plan, plan.Steps[0], backend.GpuTraits, out _));
            for (int way = 0; way < ways; way++)
            {
                int chosen = way;
                programs.Add(GpuProgram.Build(plan, backend.GpuTraits, (_, lowering) => lowering.Candidates[chosen]));
            }
        }
        backend.Prepare(programs);
        return true;
    }

    [Fact]
    public void Gaps_are_rejected()
    {
        GpuTraits traits = OpenClDrivers.Open(OpenClDrivers.Pocl).GpuTraits;
        var needed = new HashSet<string>();
        foreach (OperatorCase @case in OperatorCases.All.Values)
        {
            ExecutionPlan plan = Planner.Plan(@case.Graph());
            if (GapNames.Key(OpenClGaps.All, @case) is { } key && GpuProgram.Lower(plan, plan.Steps[0], traits, out _).Rejection is not null) needed.Add(key);
        }
        string[] unneeded = [.. OpenClGaps.All.Keys.Except(needed)];
        Assert.True(unneeded.Length == 0, $"Nothing of these is rejected any more, so they must leave OpenClGaps: {string.Join(", ", unneeded)}");
    }
}
