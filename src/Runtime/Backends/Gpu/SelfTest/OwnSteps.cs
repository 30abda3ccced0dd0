using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.SelfTest;

/// <summary>
/// Tests made of a program's own steps, for drivers that compile slowly and share what they compile among sizes: nothing is compiled for such a test that
/// the program does not need. Only for floats: what promises the same bytes everywhere is tried on the written-down cases.
/// </summary>
internal static class OwnSteps
{
    /// <summary>Places along an axis of a picture that a convolution is tried on; definitions take long for more.</summary>
    private const int Places = 16;

    /// <summary>Steps with more operations are tried on a case of the table.</summary>
    private const long MostOperations = 2_000_000;

    /// <summary>A way that tests what is asked for on a step of the program; null where there is none that fits.</summary>
    public static SelfTestWay? Find(GpuProgram program, GpuTestKey key, GpuTraits traits)
    {
        ExecutionPlan plan = program.Plan;
        foreach (PlanStep step in program.Dispatches.Where(d => d.Step >= 0 && GpuTestKey.Of(program, d) == key).Select(d => plan.Steps[d.Step]).Distinct().OrderBy(s => s.Cost.Operations + s.Cost.Bytes).Take(1))
            if (Case(plan, step) is { } @case && Way(@case, key, traits) is { } way) return way;
        return null;
    }

    /// <summary>A step as a case, with what it must give; null where chance makes no sense as input, or it would take too long.</summary>
    private static SelfTestCase? Case(ExecutionPlan plan, PlanStep step)
    {
        if (step.Outputs.Count != 1) return null;
        var inputs = new SelfTestInput?[step.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (step.Inputs[i] < 0) continue;
            PlanSlot slot = plan.Slots[step.Inputs[i]];
            if (slot.Kind == SlotKind.Constant && slot.Constant!.Type != slot.Type || slot.Kind != SlotKind.Constant && slot.Type.DataType != DataType.F32) return null;
            // Sums of products with the formula's weights are exact; where a model's own ones nearly cancel each other, good kernels are far apart.
            bool isWeight = slot.Type.DataType == DataType.F32 && step.Operator is Conv or MatMul or ConvTranspose;
            inputs[i] = slot.Kind == SlotKind.Constant ? new SelfTestInput(slot.Type, Constant: true, Given: isWeight ? null : slot.Constant) : new SelfTestInput(slot.Type);
        }
        double share = 1;
        // A residual has the shape of the whole result.
        bool hasResidual = step.Operator is Conv { Result.IsNone: true } && inputs.Length > Conv.Residual && inputs[Conv.Residual] is not null;
        if (step.Operator is Conv && !hasResidual && inputs[0] is { Constant: false } picture && picture.Type.Shape is { Rank: 4 } shape)
        {
            inputs[0] = new SelfTestInput(picture.Type with { Shape = new Shape(shape[0], Math.Min(shape[1], Places), Math.Min(shape[2], Places), shape[3]) });
            share = (double)inputs[0]!.Type.Shape.Count / shape.Count;
        }
        if (step.Cost.Operations * share > MostOperations || step.Cost.Bytes * share > MostOperations) return null;
        var @case = new SelfTestCase($"the step '{step.Name}'", step.Operator, inputs);
        Tensor[] results = @case.Results(@case.Feed());
        if (results is not [{ Type.DataType: DataType.F32 } only]) return null;
        foreach (float element in only.Span<float>())
            if (!float.IsFinite(element)) return null;
        return @case with { Expected = only.View.Bytes.ToArray() };
    }

    private static SelfTestWay? Way(SelfTestCase @case, GpuTestKey key, GpuTraits traits)
    {
        ExecutionPlan plan = @case.Plan();
        if (plan.Steps.Count != 1) return null;
        GpuLowering lowering = GpuProgram.Lower(plan, plan.Steps[0], traits, out _);
        if (!lowering.Candidates.Any(c => c.Name == key.Candidate)) return null;
        var program = GpuProgram.Build(plan, traits, (_, ways) => ways.Candidates.First(c => c.Name == key.Candidate));
        GpuTestKey[] keys = [.. program.Dispatches.Select(d => GpuTestKey.Of(program, d)).Distinct()];
        return keys.Contains(key) ? new SelfTestWay(@case, program, keys) : null;
    }
}
