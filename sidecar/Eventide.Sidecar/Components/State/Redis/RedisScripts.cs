namespace Eventide.Sidecar.Components.State.Redis;

/// <summary>
/// What runs inside the server, so that nothing comes between a condition and its write. Layout of an item as daprd has it: a hash with the fields data, version
/// (counts writes from 1, the ETag) and first-write (there once it was written with first-write concurrency).
/// </summary>
internal static class RedisScripts
{
    /// <summary>How many arguments <see cref="Write"/> takes for an operation.</summary>
    public const int ArgumentsPerOperation = 5;

    /// <summary>Answer of <see cref="Write"/>: done.</summary>
    public const long Done = 0;

    /// <summary>Answer of <see cref="Write"/>: the part belongs to somebody else.</summary>
    public const long NotOwned = -1;

    /// <summary>
    /// Does all operations or none. Keys: that of the owner's lease (or an empty name), then one per operation. Arguments: the owner's token, then per operation
    /// kind (set, del), ETag or empty, 1 for first-write, milliseconds to live or 0, value. Answers <see cref="Done"/>, <see cref="NotOwned"/>, or the number,
    /// from 1, of the operation whose condition does not hold.
    /// Everything is checked before the first write, because Redis takes nothing back. Keys of the form <c>app||eventide.list||rest</c> are also members of the
    /// sorted set <c>app||eventide.list</c>: these lists are read in order and often, which SCAN over all keys of the database could not do.
    /// </summary>
    public const string Write =
        """
        if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then
          return -1
        end
        local items = {}
        for i = 2, #KEYS do
          local key, at = KEYS[i], (i - 2) * 5 + 2
          local kind, etag = ARGV[at], ARGV[at + 1]
          if kind == 'set' or etag ~= '' then
            local item = items[key]
            if not item then
              local fields = redis.pcall('HMGET', key, 'version', 'first-write')
              if fields.err then
                item = { foreign = true }
              else
                item = { version = fields[1], first = fields[2] }
              end
              items[key] = item
            end
            local exists = item.version and item.version ~= ''
            if etag ~= '' then
              if not exists or item.version ~= etag then return i - 1 end
            elseif exists and (item.first or ARGV[at + 2] == '1') then
              return i - 1
            end
          end
          if kind == 'set' then
            local item = items[key]
            item.version = string.format('%.0f', (tonumber(item.version or 0) or 0) + 1)
            item.first = item.first or ARGV[at + 2] == '1'
          else
            items[key] = {}
          end
        end
        for i = 2, #KEYS do
          local key, at = KEYS[i], (i - 2) * 5 + 2
          local list, member
          local _, from = string.find(key, '||eventide.', 1, true)
          local to = from and string.find(key, '||', from, true)
          if to then
            list, member = string.sub(key, 1, to - 1), string.sub(key, to + 2)
          end
          if ARGV[at] == 'set' then
            if items[key].foreign then redis.call('DEL', key) end
            redis.call('HSET', key, 'data', ARGV[at + 4])
            if ARGV[at + 2] == '1' then redis.call('HSET', key, 'first-write', 0) end
            if redis.call('HINCRBY', key, 'version', 1) > 1 and ARGV[at + 3] == '0' then redis.call('PERSIST', key) end
            if ARGV[at + 3] ~= '0' then redis.call('PEXPIRE', key, ARGV[at + 3]) end
            if list then redis.call('ZADD', list, 0, member) end
          else
            redis.call('DEL', key)
            if list then redis.call('ZREM', list, member) end
          end
        end
        return 0
        """;

    /// <summary>Prolongs a lease (key) of this token by milliseconds; answers 0 when it is no longer this token's.</summary>
    public const string Renew =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end
        """;

    /// <summary>Gives a lease (key) of this token up.</summary>
    public const string Release =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end
        """;
}
