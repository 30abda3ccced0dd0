using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.SelfTest;

/// <summary>One way to execute a case, lowered for a device.</summary>
/// <param name="Case">The case.</param>
/// <param name="Program">What is executed.</param>
/// <param name="Keys">What that tests.</param>
internal sealed record SelfTestWay(SelfTestCase Case, GpuProgram Program, IReadOnlyList<GpuTestKey> Keys)
{
    /// <summary>Cases that each way is tried on; with more, testing all would take too long on drivers that compile slowly.</summary>
    private const int Enough = 1;

    /// <summary>The ways to execute the cases that a device takes, reading through texel buffers where it has them, and without.</summary>
    public static IEnumerable<SelfTestWay> All(GpuTraits traits)
    {
        var tried = new Dictionary<GpuTestKey, int>();
        foreach (SelfTestCase @case in SelfTestCases.All)
        {
            ExecutionPlan plan = @case.Plan();
            // Reals that are written down have 32 bits, and are too large for 16.
            if (@case.Expected is not null && traits.Precision != GpuPrecision.Float32 && plan.Slots[plan.Outputs[0].Slot].Type.DataType == DataType.F32) continue;
            foreach (GpuTraits mode in traits.MaxTexelElements > 0 ? (GpuTraits[])[traits, traits with { MaxTexelElements = 0 }] : [traits])
            {
                int ways = GpuProgram.Lower(plan, plan.Steps[0], mode, out _).Candidates.Count;
                for (int i = 0; i < ways; i++)
                {
                    int way = i;
                    var program = GpuProgram.Build(plan, mode, (_, lowering) => lowering.Candidates[way]);
                    GpuTestKey[] keys = [.. program.Dispatches.Select(d => GpuTestKey.Of(program, d)).Distinct()];
                    if (Array.TrueForAll(keys, k => tried.GetValueOrDefault(k) >= Enough)) continue;
                    foreach (GpuTestKey key in keys) tried[key] = tried.GetValueOrDefault(key) + 1;
                    yield return new SelfTestWay(@case, program, keys);
                }
            }
        }
    }
}
