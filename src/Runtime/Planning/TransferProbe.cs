using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>Measures what it costs to go to a device and back: with a tensor so small that only waiting counts, and with one so large that only copying does.</summary>
internal static class TransferProbe
{
    private const int Few = 64, Many = 1 << 18, Runs = 6;

    /// <summary>What sections cost besides their steps.</summary>
    public static TransferCost Measure(IBackend backend, WorkBudget budget)
    {
        if (backend is IHostBackend) return default;
        (double write, double run, double read) few = Least(backend, Few, budget), many = Least(backend, Many, budget);
        const double bytes = (Many - Few) * sizeof(float);
        // What the host does not write and read itself, the device's copies take, half of it in each direction.
        double copies = Math.Max(0, many.run - few.run) / 2;
        double into = (Math.Max(0, many.write - few.write) + copies) / bytes, from = (Math.Max(0, many.read - few.read) + copies) / bytes;
        return new TransferCost(Math.Max(0, few.run + few.write + few.read - (into + from) * Few * sizeof(float)), into, from);
    }

    /// <summary>How long writing, running without the step itself, and reading take at least.</summary>
    private static (double Write, double Run, double Read) Least(IBackend backend, int elements, WorkBudget budget)
    {
        ExecutionPlan plan = Plan(elements);
        if (backend.Reject(plan, plan.Steps[0]) is not null) return default;
        using ICompiledPlan compiled = budget.Make(() => backend is IProfiledBackend profiled ? profiled.CompileProfiled(plan) : backend.Compile(plan));
        byte[] host = new byte[elements * sizeof(float)];
        (double write, double run, double read) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        budget.Time(compiled.Run);
        for (int i = 0; i < Runs; i++)
        {
            write = Math.Min(write, budget.Time(() => host.CopyTo(compiled.Input(0).Bytes)));
            double all = budget.Time(compiled.Run);
            run = Math.Min(run, Math.Max(0, compiled.StepNanoseconds is [var step, ..] ? all - step : all));
            read = Math.Min(read, budget.Time(() => compiled.Output(0).Bytes.CopyTo(host)));
        }
        return (write, run, read);
    }

    private static ExecutionPlan Plan(int elements)
    {
        var builder = new GraphBuilder("transfer");
        Value x = builder.Input("x", new TensorType(DataType.F32, elements));
        builder.Output("y", builder.Add1("there and back", new Unary { Function = UnaryFunction.Abs }, x));
        return Planner.Plan(builder.Build());
    }
}
