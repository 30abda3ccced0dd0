using EdgeRuntime.Diagnostics;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>
/// Binds choices and loops; their names end with the numbers of steps inside. Bodies of known shapes are plans inside the kernel; others are planned for while running, stage by stage.
/// </summary>
internal static class BodyKernels
{
    /// <summary>The kernel of a choice.</summary>
    public static CpuKernel Choice(CpuBinding binding)
    {
        var op = (If)binding.Operator;
        Operand[] operands = Operands(binding)[1..];
        TensorView[] inputs = binding.Inputs[1..], outputs = binding.Outputs;
        var branches = new (CpuBody? Body, EdgeException? Refusal)[2];
        for (int i = 0; i < branches.Length; i++)
        {
            try
            {
                branches[i].Body = CpuBody.Compile(binding, op.Bodies[i], operands, inputs, outputs);
                if (branches[i].Body is null) return new ExecutingKernel(binding);
            }
            catch (EdgeException refusal)
            {
                // A branch for other shapes: whoever takes it is told.
                branches[i].Refusal = refusal;
            }
        }
        return new ChoiceKernel(binding.Input(0), branches);
    }

    /// <summary>The kernel of a loop.</summary>
    public static CpuKernel Loop(CpuBinding binding)
    {
        var op = (Loop)binding.Operator;
        Operand[] operands = op.BodyInputs(0, Operands(binding));
        TensorView number = binding.Memory.Tensor(operands[0].Type), goesOn = binding.Memory.Tensor(operands[1].Type);
        TensorView[] outputs = binding.Outputs, carried = outputs[..op.Carried], next = Array.ConvertAll(carried, c => binding.Memory.Tensor(c.Type));
        TensorView[] slices = Array.ConvertAll(outputs[op.Carried..], whole => binding.Memory.Tensor(new TensorType(whole.DataType, BodyResults.Without(whole.Shape, 0))));
        TensorView[] initial = [.. Enumerable.Range(EdgeRuntime.Operators.Loop.FirstCarried, op.Carried).Select(binding.Input)];
        if (!Fits(operands, EdgeRuntime.Operators.Loop.FirstCarried, initial)) return new ExecutingKernel(binding);
        TensorView[] rest = [.. Enumerable.Range(0, binding.Inputs.Length).Skip(EdgeRuntime.Operators.Loop.FirstCarried + op.Carried).Select(binding.Input)];
        // The condition of a body may be a vector of one element.
        TensorView wanted = op.Body.Infer(operands)[0].Type is { Shape.IsStatic: true } type ? binding.Memory.Tensor(type) : goesOn;
        CpuBody? body = CpuBody.Compile(binding, op.Body, operands, [number, goesOn, .. carried, .. rest], [wanted, .. next, .. slices]);
        return body is null ? new ExecutingKernel(binding) : new LoopKernel(op, body, binding.Input(0), binding.Input(1), number, wanted, initial, carried, next, slices, outputs[op.Carried..]);
    }

    /// <summary>The kernel of a scan.</summary>
    public static CpuKernel Scan(CpuBinding binding)
    {
        var op = (Scan)binding.Operator;
        Operand[] operands = op.BodyInputs(0, Operands(binding));
        int cut = op.InputAxes.Length;
        TensorView[] inputs = binding.Inputs, outputs = binding.Outputs;
        TensorView[] states = outputs[..op.States], next = Array.ConvertAll(states, s => binding.Memory.Tensor(s.Type)), initial = inputs[..op.States];
        if (!Fits(operands, 0, initial)) return new ExecutingKernel(binding);
        TensorView[] pieces = [.. Enumerable.Range(op.States, cut).Select(i => binding.Memory.Tensor(operands[i].Type))];
        TensorView[] slices = new TensorView[outputs.Length - op.States];
        for (int i = 0; i < slices.Length; i++)
        {
            TensorView whole = outputs[op.States + i];
            slices[i] = binding.Memory.Tensor(new TensorType(whole.DataType, BodyResults.Without(whole.Shape, op.OutputAxis(i, whole.Shape.Rank - 1))));
        }
        CpuBody? body = CpuBody.Compile(binding, op.Body, operands, [.. states, .. pieces, .. inputs[(op.States + cut)..]], [.. next, .. slices]);
        return body is null ? new ExecutingKernel(binding) : new ScanKernel(op, body, initial, states, next, inputs[op.States..(op.States + cut)], pieces, slices, outputs[op.States..]);
    }

    /// <summary>True when what is carried keeps its shape, so that it can stay in one place.</summary>
    private static bool Fits(Operand[] operands, int first, TensorView[] initial)
    {
        for (int i = 0; i < initial.Length; i++)
            if (operands[first + i].Shape != initial[i].Shape) return false;
        return true;
    }

    private static Operand[] Operands(CpuBinding binding)
    {
        TensorView[] inputs = binding.Inputs;
        var operands = new Operand[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
            if (!inputs[i].IsMissing) operands[i] = new Operand(inputs[i].Type, binding.IsConstant(i) ? inputs[i] : null);
        return operands;
    }

    /// <summary>Runs an operator whose bodies have shapes that depend on data, though its results have not. It allocates.</summary>
    private sealed class ExecutingKernel(CpuBinding binding) : CpuKernel
    {
        private readonly Operator op = binding.Operator;
        private readonly TensorView[] inputs = binding.Inputs, outputs = binding.Outputs;
        private readonly BodyRunner bodies = binding.Context.Bodies.Run;

        public override string Name => $"{op.Name.ToLowerInvariant()}_staged";

        public override void Run(int first, int last, int worker) => BodyResults.Copy(op.Execute(inputs, bodies), outputs, op);
    }

    private sealed class ChoiceKernel(TensorView condition, (CpuBody? Body, EdgeException? Refusal)[] branches) : CpuKernel
    {
        public override string Name { get; } = $"if_{branches[0].Body?.Steps}_{branches[1].Body?.Steps}";

        public override void Run(int first, int last, int worker)
        {
            (CpuBody? body, EdgeException? refusal) = branches[condition.Bytes[0] != 0 ? 0 : 1];
            if (body is null) throw new EdgeException(refusal!.Code, refusal.Problem, refusal.Remedy, refusal);
            body.Run();
        }
    }

    private sealed class LoopKernel(
        Loop op, CpuBody body, TensorView limit, TensorView begins, TensorView number, TensorView goesOn,
        TensorView[] initial, TensorView[] carried, TensorView[] next, TensorView[] slices, TensorView[] joined) : CpuKernel
    {
        public override string Name { get; } = $"loop_{body.Steps}";

        public override void Run(int first, int last, int worker)
        {
            for (int i = 0; i < carried.Length; i++) initial[i].Bytes.CopyTo(carried[i].Bytes);
            if (!begins.IsMissing && begins.Bytes[0] == 0) return;
            long most = limit.IsMissing ? long.MaxValue : limit.Span<long>()[0];
            for (long run = 0; run < most; run++)
            {
                op.CheckRuns(run, most);
                number.Span<long>()[0] = run;
                body.Run();
                for (int i = 0; i < carried.Length; i++) next[i].Bytes.CopyTo(carried[i].Bytes);
                for (int i = 0; i < slices.Length; i++) BodyResults.Put(slices[i], joined[i], 0, (int)run);
                if (goesOn.Bytes[0] == 0) return;
            }
        }
    }

    private sealed class ScanKernel(
        Scan op, CpuBody body, TensorView[] initial, TensorView[] states, TensorView[] next,
        TensorView[] cut, TensorView[] pieces, TensorView[] slices, TensorView[] joined) : CpuKernel
    {
        private readonly int runs = cut[0].Shape[op.InputAxis(0, cut[0].Shape.Rank)];

        public override string Name { get; } = $"scan_{body.Steps}";

        public override void Run(int first, int last, int worker)
        {
            for (int i = 0; i < states.Length; i++) initial[i].Bytes.CopyTo(states[i].Bytes);
            for (int run = 0; run < runs; run++)
            {
                for (int i = 0; i < pieces.Length; i++)
                    BodyResults.Take(cut[i], op.InputAxis(i, cut[i].Shape.Rank), EdgeRuntime.Operators.Scan.Is(op.InputDirections, i) ? runs - 1 - run : run, pieces[i]);
                body.Run();
                for (int i = 0; i < states.Length; i++) next[i].Bytes.CopyTo(states[i].Bytes);
                for (int i = 0; i < slices.Length; i++)
                    BodyResults.Put(slices[i], joined[i], op.OutputAxis(i, slices[i].Shape.Rank), EdgeRuntime.Operators.Scan.Is(op.OutputDirections, i) ? runs - 1 - run : run);
            }
        }
    }
}
