using System.Runtime.CompilerServices;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>What a recurrent cell does with the products of one step and one sequence: gates, and the state after them.</summary>
internal sealed unsafe class RecurrentGates<L, V> where L : struct, ILanes<V> where V : unmanaged
{
    private readonly int hidden;
    private readonly bool coupled;
    private readonly float* peepholes;
    private readonly UnaryPass? clip;
    private readonly UnaryPass[] activations;

    /// <param name="layer">The layer.</param>
    /// <param name="direction">0, or 1 for the way back of both.</param>
    /// <param name="peepholes">Weights from the cell's state to the gates input, output and forget; null for none.</param>
    public RecurrentGates(RecurrentLayer layer, int direction, float* peepholes)
    {
        hidden = layer.Hidden;
        coupled = layer.CoupledForget;
        this.peepholes = peepholes;
        clip = layer.Clip > 0 ? UnaryPass.For(UnaryFunction.Clip, -layer.Clip, layer.Clip) : null;
        int count = layer.Cell switch { RecurrentCell.Simple => 1, RecurrentCell.Gru => 2, _ => 3 };
        activations = [.. Enumerable.Range(0, count).Select(i => layer.ActivationOf(direction, i)).Select(a => UnaryPass.For(a.Function, a.Alpha, a.Beta))];
    }

    /// <summary>h = f(x + r), where r is the recurrent product.</summary>
    public void Simple(float* x, float* r, float* h)
    {
        Add(x, r, r, hidden);
        Activate(0, r, h, hidden);
    }

    /// <summary>Gates update and reset, from both products; they take the place of the recurrent ones.</summary>
    public void GruGates(float* x, float* r)
    {
        Add(x, r, r, 2 * hidden);
        Activate(0, r, r, 2 * hidden);
    }

    /// <summary>y = a·b for a row of the state: what is reset, before or after the recurrent product.</summary>
    public void Multiply(float* a, float* b, float* y)
    {
        int j = 0;
        for (; j <= hidden - L.Count; j += L.Count) L.Store(L.Mul(L.Load(a + j), L.Load(b + j)), y + j);
        for (; j < hidden; j++) y[j] = a[j] * b[j];
    }

    /// <summary>h = (1 - update)·g(x + r) + update·h, where r is the candidate's recurrent product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void GruState(float* x, float* r, float* update, float* h)
    {
        Add(x, r, r, hidden);
        Activate(1, r, r, hidden);
        // Lanes: elements of the state. Tail: one at a time. Equals: h[j] = (1 - u[j]) * r[j] + u[j] * h[j].
        int j = 0;
        for (; j <= hidden - L.Count; j += L.Count)
        {
            V u = L.Load(update + j);
            L.Store(L.MultiplyAdd(u, L.Load(h + j), L.Mul(L.Sub(L.All(1), u), L.Load(r + j))), h + j);
        }
        for (; j < hidden; j++) h[j] = (1 - update[j]) * r[j] + update[j] * h[j];
    }

    /// <summary>The states h and c after gates input, output, forget and candidate of x + r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Lstm(float* x, float* r, float* h, float* c)
    {
        float* input = r, output = r + hidden, forget = r + 2 * hidden, candidate = r + 3 * hidden;
        Add(x, r, r, 4 * hidden);
        if (peepholes == null)
        {
            Activate(0, r, r, 3 * hidden);
        }
        else
        {
            AddProduct(peepholes, c, input);
            AddProduct(peepholes + 2 * hidden, c, forget);
            Activate(0, input, input, hidden);
            Activate(0, forget, forget, hidden);
        }
        Activate(1, candidate, candidate, hidden);
        // Lanes: elements of the state. Tail: one at a time. Equals: c[j] = f[j] * c[j] + i[j] * candidate[j].
        int j = 0;
        for (; j <= hidden - L.Count; j += L.Count)
        {
            V i = L.Load(input + j), f = coupled ? L.Sub(L.All(1), i) : L.Load(forget + j);
            L.Store(L.MultiplyAdd(f, L.Load(c + j), L.Mul(i, L.Load(candidate + j))), c + j);
        }
        for (; j < hidden; j++) c[j] = (coupled ? 1 - input[j] : forget[j]) * c[j] + input[j] * candidate[j];
        if (peepholes != null)
        {
            AddProduct(peepholes + hidden, c, output);
            Activate(0, output, output, hidden);
        }
        Activate(2, c, candidate, hidden);
        Multiply(output, candidate, h);
    }

    private void Activate(int index, float* x, float* y, int count)
    {
        if (clip is null)
        {
            activations[index].Apply(x, y, count);
            return;
        }
        clip.Apply(x, y, count);
        activations[index].Apply(y, y, count);
    }

    /// <summary>y = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* a, float* b, float* y, int count)
    {
        int j = 0;
        for (; j <= count - L.Count; j += L.Count) L.Store(L.Add(L.Load(a + j), L.Load(b + j)), y + j);
        for (; j < count; j++) y[j] = a[j] + b[j];
    }

    /// <summary>y += a·b for a row of the state.</summary>
    private void AddProduct(float* a, float* b, float* y)
    {
        int j = 0;
        for (; j <= hidden - L.Count; j += L.Count) L.Store(L.MultiplyAdd(L.Load(a + j), L.Load(b + j), L.Load(y + j)), y + j);
        for (; j < hidden; j++) y[j] += a[j] * b[j];
    }
}
